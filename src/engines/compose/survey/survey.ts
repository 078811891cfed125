import { BackoutError } from '../../../runbook/errors.ts';
import type { Survey, SurveyedPort, SurveyedService } from '../../../runbook/survey.ts';
import type { Host } from '../../../services/host/host.ts';
import quietGit from '../../../services/host/quiet-git.sh';
import { lastLineOf, runScript } from '../../../services/host/run-script.ts';
import { probePort } from '../../../services/survey/ports.ts';
import { type Deployment, deploymentEnvironment, deploymentFunctions, findDeployment } from '../deployment.ts';
import surveyScript from './survey.sh';

const program = `LC_ALL=C; export LC_ALL\n${quietGit}\nquiet_git\n${deploymentFunctions}\n${surveyScript}\nprint_survey\n`;

interface ComposeService {
	image?: string;
	build?: unknown;
	healthcheck?: { disable?: boolean };
	environment?: Record<string, unknown> | null;
}

/** Only what names a database is taken over: everything else may be a secret. */
const keptVariables = new Set(['POSTGRES_DB', 'POSTGRES_USER']);

const partsOf = (output: string): ReadonlyMap<string, readonly string[]> => {
	const parts = new Map<string, string[]>();
	let lines: string[] = [];
	for (const line of output.split('\n')) {
		const name = /^== (\w+)$/.exec(line)?.[1];
		if (name === undefined) {
			lines.push(line);
		} else {
			lines = [];
			parts.set(name, lines);
		}
	}
	return parts;
};

/** `127.0.0.1:8090->8090/tcp, :::9000-9001->9000-9001/tcp` as docker prints it: the ports of the host. */
const publishedPorts = (text: string): readonly number[] => {
	const ports = new Set<number>();
	for (const [, first = '', last = first] of text.matchAll(/:(\d+)(?:-(\d+))?->[\d-]+\/tcp/g)) {
		for (let port = Number(first); port <= Number(last) && port - Number(first) < 16; port++) {
			ports.add(port);
		}
	}
	return [...ports].toSorted((a, b) => a - b);
};

const foldersOf = (files: readonly string[]): Survey['backups'] => {
	const folders = new Map<string, Map<string, number>>();
	for (const file of files) {
		const [, folder = '', ending = ''] = /^\.\/(.+)\/[^/]*?(\.sql\.gz|\.sql|\.dump|\.tar\.gz)$/.exec(file) ?? [];
		// A migration is SQL too, and no backup.
		if (folder !== '' && !/migration|schema|seed|init|test|node_modules/i.test(folder)) {
			const endings = folders.get(folder) ?? new Map<string, number>();
			endings.set(ending, (endings.get(ending) ?? 0) + 1);
			folders.set(folder, endings);
		}
	}
	const total = (endings: ReadonlyMap<string, number>) => [...endings.values()].reduce((sum, count) => sum + count, 0);
	return [...folders]
		.toSorted(([, a], [, b]) => total(b) - total(a))
		.map(([folder, endings]) => ({ folder, endings: [...endings.keys()].toSorted() }));
};

const keptOf = (pairs: readonly (readonly [string, unknown])[]): Readonly<Record<string, string>> =>
	Object.fromEntries(pairs.filter(([key]) => keptVariables.has(key)).map(([key, value]) => [key, String(value ?? '')]));

type Known = Omit<SurveyedService, 'ports'>;

/** The services of Compose's model. */
const servicesOfModel = (json: string): readonly Known[] => {
	const { services = {} } = JSON.parse(json) as { services?: Record<string, ComposeService> };
	return Object.entries(services).map(([name, { image, build, healthcheck, environment }]) => ({
		name,
		...(image !== undefined && { image }),
		built: build !== undefined,
		healthCheck: healthcheck !== undefined && healthcheck.disable !== true,
		environment: keptOf(Object.entries(environment ?? {})),
	}));
};

/** The services as their containers say them: for files that cannot be read from here. */
const servicesOfContainers = (lines: readonly string[]): readonly Known[] => {
	const found = new Map<string, Known>();
	for (const line of lines) {
		const [name = '', image = '', health = '', ...variables] = line.split('\t');
		if (name !== '') {
			found.set(name, {
				name,
				image,
				built: false,
				healthCheck: health !== '',
				environment: keptOf(
					variables.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const),
				),
			});
		}
	}
	return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/**
 * Looks at one Compose project: its services, what its published ports answer (asked on the host, through the
 * connection), git, and backups. Compose is called as the deployment itself was started. Where the files are not on the host,
 * or need a program that only the operator may call, the containers say which services there are. Throws BackoutError
 * `failed` when the directory or the Compose file cannot be read otherwise.
 */
export const surveyProject = async (
	host: Host,
	{ name, directory }: { readonly name: string; readonly directory: string },
	signal: AbortSignal,
): Promise<Survey> => {
	const deployment = await findDeployment(host, { directory, project: name, projectGiven: true }, signal);
	if (deployment.unknown !== undefined) {
		throw new BackoutError('failed', `cannot find out what is deployed: ${deployment.unknown}`, {
			host: host.name,
			next: '`docker ps` must work there for this user.',
		});
	}
	const { code, stdout, stderr } = await runScript(host, program, {
		purpose: 'read the project',
		environment: { directory, ...deploymentEnvironment(deployment) },
		anyExit: true,
		signal,
		timeoutMs: 60_000,
	});
	const said = lastLineOf(stderr);
	if (code === 4) {
		throw new BackoutError('failed', said, {
			host: host.name,
			next: 'Name the folder of the Compose file with --directory.',
		});
	}
	const parts = partsOf(stdout);
	const config = (parts.get('config') ?? []).join('\n').trim();
	if (code !== 0 || (config === '' && deployment.hasFolder && !needsProgram(deployment))) {
		throw new BackoutError(
			'failed',
			`the Compose project ${name} in ${directory} cannot be read: ${said || `exit code ${code}`}`,
			{
				host: host.name,
				output: stderr.trim(),
				next: `\`docker compose config\` must work in ${directory}.`,
			},
		);
	}
	const published = new Map<string, number[]>();
	for (const line of parts.get('published') ?? []) {
		const [service = '', ports = ''] = line.split('\t');
		published.set(service, [...new Set([...(published.get(service) ?? []), ...publishedPorts(ports)])]);
	}
	const known = config === '' ? servicesOfContainers(parts.get('containers') ?? []) : servicesOfModel(config);
	const services = known.map((service): SurveyedService => ({ ...service, ports: published.get(service.name) ?? [] }));
	const ports: SurveyedPort[] = await Promise.all(
		services.flatMap((service) => service.ports.map((port) => probePort(host, service.name, port, signal))),
	);
	const [branch = '', upstream = ''] = parts.get('git')?.[0]?.split('\t') ?? [];
	return {
		project: name,
		directory,
		services,
		ports,
		...((parts.get('git')?.[0] ?? '') !== '' && { git: { branch, upstream } }),
		backups: foldersOf(parts.get('backups') ?? []),
		hasFolder: deployment.hasFolder,
		conflicts: deployment.conflicts,
		...(deployment.ownCommand !== undefined && needsProgram(deployment) && { command: deployment.ownCommand }),
	};
};

/** An env file that is gone was made by a program, and only that program can make it again. */
const needsProgram = ({ conflicts }: Deployment): boolean =>
	conflicts.some((conflict) => conflict.includes('compose.command of this target'));
