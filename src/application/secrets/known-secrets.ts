import { settingsOf } from '../../runbook/dot-env.ts';
import { learnSecrets } from '../../runbook/learned-secrets.ts';
import type { Target } from '../../runbook/runbook.ts';
import { isSecretName } from '../../runbook/secret-names.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { runReadOnlyScript } from '../../services/runner/client/read-only-script.ts';
import { readRun } from '../../services/runner/runner.ts';
import script from './print-env-files.sh';

/** Shorter values appear everywhere by chance. */
const shortest = 6;
/** Minimum length of a masked value that is a word; shorter ones appear in too many texts. */
const shortestWord = 8;
/** Common values that are not secrets, whatever setting has them. */
const commonWords: ReadonlySet<string> = new Set([
	'password',
	'passwd',
	'changeme',
	'disabled',
	'required',
	'localhost',
]);

const userInfo = /^[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:(\S+)@/i;

/** A name that a service, an image, a folder or a setting may have. */
const plainName = /^[a-z][\w.-]*$/i;

/** Returns names that everybody sees: those of settings, among them the services of Compose files, and the parts of image names. */
const namesIn = (settings: readonly (readonly [name: string, value: string])[]): readonly string[] =>
	settings.flatMap(([name, value]) => [name, ...(name === 'image' ? namesOfImage(value) : [])]);

/** Returns the parts of an image's name: registry, folders, tag. */
export const namesOfImage = (image: string): readonly string[] => image.split(/[/:@]/);

const isTelling = (value: string, open: ReadonlySet<string>): boolean =>
	value.length >= shortest &&
	!open.has(value) &&
	!commonWords.has(value.toLowerCase()) &&
	!/^(?:\d+(?:\.\d+)*|true|false|\/[\w./-]*|\$\{?\w+\}?)$/i.test(value) &&
	(value.length >= shortestWord || !/^[a-z]+$/i.test(value));

/**
 * Returns the values of settings (`NAME=VALUE`) with a secret name, and passwords in URLs. Values that a harmless setting has too, those that
 * are too short or too common to recognise, and names of services, images and the like are left out: they are masked only beside their
 * name. (`POSTGRES_PASSWORD=postgres` would hide which service is meant, and hides nothing.)
 *
 * @param names more names that everybody sees
 */
export const secretsOf = (
	settings: readonly (readonly [name: string, value: string])[],
	names: readonly string[] = [],
): readonly string[] => {
	const open = new Set([
		...settings.filter(([name]) => !isSecretName(name)).map(([, value]) => value),
		...[...namesIn(settings), ...names].filter((name) => plainName.test(name)),
	]);
	const found = settings.flatMap(([name, value]) => {
		const password = userInfo.exec(value)?.[1];
		return [...(isSecretName(name) ? [value] : []), ...(password === undefined ? [] : [password])];
	});
	return [...new Set(found)].filter((value) => isTelling(value, open));
};

/** A place where secrets are read: a session, or what checks have. */
export type SecretsPlace = Parameters<typeof runReadOnlyScript>[0];

/** Returns true if print-env-files.sh finds these files in the folder by their names. */
const areFoundByName = (
	directory: string,
	{ compose_directory, compose_files, compose_env_files }: Readonly<Record<string, string | undefined>>,
): boolean => {
	const namesOf = (paths = '') =>
		paths
			.split('\n')
			.filter((path) => path !== '')
			.map((path) => (path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path));
	return (
		['', directory].includes(compose_directory ?? '') &&
		namesOf(compose_files).every((name) => /^(?!\.)[^/]*compose[^/]*\.y[^/]*ml$/.test(name)) &&
		namesOf(compose_env_files).every((name) => /^\.env(?:\.[^/]*)?$|^(?!\.)[^/]*\.env$/.test(name))
	);
};

/** Learns the secrets in the output of print-env-files.sh, and returns them. */
const learnFrom = (stdout: string, { name, project, directory }: Target): readonly string[] => {
	const before = new Map<string, string>();
	// Each file by itself: a quote without an end takes nothing from the next one.
	const settings = stdout.split('\u001e\n').flatMap((file) => settingsOf(file, before));
	const secrets = secretsOf(settings, [name, project, ...directory.split('/')]);
	learnSecrets(secrets);
	debugLog()?.addSecrets(secrets);
	return secrets;
};

/**
 * Reads the secrets that a run's output may contain: the values of secret settings in the deployment's env and Compose files and in the env
 * files that these name, and the contents of Compose's secrets, now and before the run. From then on, every text is masked with them (`learnSecrets`).
 */
export const readSecrets = async (
	session: SecretsPlace,
	run: string,
	signal?: AbortSignal,
): Promise<readonly string[]> => {
	const read = async (withoutDeployment: boolean) => {
		const { stdout } = await runReadOnlyScript(session, script, {
			purpose: 'say which settings are secret',
			environment: { followed_run: run },
			withoutDeployment,
			signal,
			timeoutMs: 10_000,
			maxBytes: 1024 * 1024,
		});
		return learnFrom(stdout, session.target);
	};
	const [byName, { environment }] = await Promise.all([
		// Evidence of checks waits for it, so it is read while the deployment is not known yet. Without the folder on the host, that is needed.
		read(true).catch(() => undefined),
		session.engine.deployment({ signal }),
	]);
	return byName !== undefined && areFoundByName(session.target.directory, environment) ? byName : read(false);
};

/** Reads the same secrets, and those of the run's own plan. */
export const readRunSecrets = async (
	session: SecretsPlace,
	run: string,
	signal?: AbortSignal,
): Promise<readonly string[]> => {
	const [ofHost, { plan }] = await Promise.all([
		readSecrets(session, run, signal),
		readRun(session.host, session.target, run, signal),
	]);
	return [...ofHost, ...secretsOf(Object.entries(plan.environment))];
};
