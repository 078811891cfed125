import { settingsOf } from '../../runbook/dot-env.ts';
import { isSecretName } from '../../runbook/secret-names.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { runReadOnlyScript } from '../../services/runner/client/read-only-script.ts';
import { readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import script from './print-env-files.sh';

/** Shorter values are found everywhere by chance. */
const shortest = 6;
/** Values that are words are masked from this length on; shorter ones stand in too many texts. */
const shortestWord = 8;
/** No secrets, whatever they are the value of. */
const commonWords: ReadonlySet<string> = new Set([
	'password',
	'passwd',
	'changeme',
	'disabled',
	'required',
	'localhost',
]);

const userInfo = /^[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:(\S+)@/i;

const isTelling = (value: string, open: ReadonlySet<string>): boolean =>
	value.length >= shortest &&
	!open.has(value) &&
	!commonWords.has(value.toLowerCase()) &&
	!/^(?:\d+(?:\.\d+)*|true|false|\/[\w./-]*|\$\{?\w+\}?)$/i.test(value) &&
	(value.length >= shortestWord || !/^[a-z]+$/i.test(value));

/**
 * The values that settings (`NAME=VALUE`) call secret by their name, and passwords in URLs. What is also the value of a
 * harmless setting, and what is too short or too common to be told from other text, is left out: such a value is masked
 * beside its name only.
 */
export const secretsOf = (settings: readonly (readonly [name: string, value: string])[]): readonly string[] => {
	const open = new Set(settings.filter(([name]) => !isSecretName(name)).map(([, value]) => value));
	const found = settings.flatMap(([name, value]) => {
		const password = userInfo.exec(value)?.[1];
		return [...(isSecretName(name) ? [value] : []), ...(password === undefined ? [] : [password])];
	});
	return [...new Set(found)].filter((value) => isTelling(value, open));
};

/**
 * What is secret in the output of a run: the values of secret settings in the deployment's `.env` files, as they are and
 * as they were before the run. Throws what `look` throws.
 */
export const readSecrets = async (session: Session, run: string, signal?: AbortSignal): Promise<readonly string[]> => {
	const { stdout } = await runReadOnlyScript(session, script, {
		purpose: 'say which settings are secret',
		environment: { followed_run: run },
		signal,
		timeoutMs: 10_000,
		maxBytes: 1024 * 1024,
	});
	const secrets = secretsOf(settingsOf(stdout));
	debugLog()?.addSecrets(secrets);
	return secrets;
};

/** The same, and what the plan of the run itself calls secret. */
export const readRunSecrets = async (
	session: Session,
	run: string,
	signal?: AbortSignal,
): Promise<readonly string[]> => {
	const [ofHost, { plan }] = await Promise.all([
		readSecrets(session, run, signal),
		readRun(session.host, session.target, run, signal),
	]);
	return [...ofHost, ...secretsOf(Object.entries(plan.environment))];
};
