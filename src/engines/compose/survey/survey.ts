import { BackoutError } from '../../../runbook/errors.ts';
import type { Survey, SurveyedPort, SurveyedService } from '../../../runbook/survey.ts';
import type { Host } from '../../../services/host/host.ts';
import quietGit from '../../../services/host/quiet-git.sh';
import { lastLineOf, runScript } from '../../../services/host/run-script.ts';
import { probePort } from '../../../services/survey/ports.ts';
import { type Deployment, deploymentEnvironment, deploymentFunctions, findDeployment } from '../deployment.ts';
import { jobsOf, parseModel } from '../model.ts';
import type { ModelPort } from '../model-values.ts';
import surveyScript from './survey.sh';

const program = `LC_ALL=C; export LC_ALL\n${quietGit}\nquiet_git\n${deploymentFunctions}\n${surveyScript}\nprint_survey\n`;

/** Variables that name a database. No others are read: they may be secrets. */
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

/** Returns the address at which the host reaches a port: one published on all addresses is on the loopback address too. */
const askedAt = (address: string): Pick<SurveyedPort, 'address'> =>
	['', '0.0.0.0', '*', '::', '127.0.0.1'].includes(address) ? {} : { address };

/** A port that a service publishes on the host. */
type Published = Pick<SurveyedPort, 'port' | 'address'>;

const rangeOf = (address: string, first: number, last: number): readonly Published[] =>
	Array.from({ length: Math.max(0, Math.min(16, last - first + 1)) }, (_, at) => ({
		port: first + at,
		...askedAt(address.replace(/^\[(.*)\]$/, '$1')),
	}));

/** Returns each port once: on the loopback address if it is published there. */
const eachOnce = (ports: readonly Published[]): readonly Published[] => {
	const known = new Map<number, Published>();
	for (const one of ports) {
		known.set(one.port, known.get(one.port)?.address === undefined && known.has(one.port) ? { port: one.port } : one);
	}
	return [...known.values()].toSorted((a, b) => a.port - b.port);
};

/** Parses `127.0.0.1:8090->8090/tcp, [::]:9000-9001->9000-9001/tcp` as docker prints it into the ports of the host. */
export const publishedPorts = (text: string): readonly Published[] =>
	eachOnce(
		[...text.matchAll(/(?:^|[\s,])([^\s,]*?):(\d+)(?:-(\d+))?->[\d-]+\/tcp/g)].flatMap(
			([, address = '', first = '', last = first]) => rangeOf(address, Number(first), Number(last)),
		),
	);

/** Returns the ports that a service's own files publish: for a project that is not running. */
const portsOfModel = (ports: readonly ModelPort[]): readonly Published[] =>
	eachOnce(
		ports.flatMap(({ published = '', protocol, hostIp = '' }) => {
			const [first = '', last = first] = published.split('-');
			return protocol === 'tcp' && first !== '' ? rangeOf(hostIp, Number(first), Number(last)) : [];
		}),
	);

const foldersOf = (files: readonly string[]): Survey['backups'] => {
	const folders = new Map<string, Map<string, number>>();
	for (const file of files) {
		const [, folder = '', ending = ''] = /^\.\/(.+)\/[^/]*?(\.sql\.gz|\.sql|\.dump|\.tar\.gz)$/.exec(file) ?? [];
		// A migration is SQL too, but no backup.
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

type Known = Omit<SurveyedService, 'ports'> & { readonly published: readonly Published[] };

/** Returns the services of Compose's model. */
const servicesOfModel = (json: string): readonly Known[] => {
	const model = parseModel(json);
	const jobs = jobsOf(model);
	return model.services.map(({ name, image, build, healthcheck, environment, dependsOn, ports }) => ({
		name,
		...(image !== undefined && { image }),
		built: build !== undefined,
		healthCheck: healthcheck === 'given',
		environment: keptOf(Object.entries(environment)),
		dependsOn: dependsOn.map(({ service }) => service),
		isJob: jobs.has(name),
		published: portsOfModel(ports),
	}));
};

/** Returns the services as their containers show them: for files that cannot be read from here. */
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
				published: [],
				environment: keptOf(
					variables.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const),
				),
			});
		}
	}
	return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/** Returns the services with the ports that they publish according to Docker, or else their files; and each of those ports. */
const withPorts = (known: readonly Known[], running: ReadonlyMap<string, readonly Published[]>) => {
	const portsOf = ({ name, published }: Known) => (running.has(name) ? (running.get(name) ?? []) : published);
	return {
		services: known.map((service): SurveyedService => {
			const { published: _, ...rest } = service;
			return { ...rest, ports: portsOf(service).map(({ port }) => port) };
		}),
		places: known.flatMap((service) => portsOf(service).map((place) => ({ service: service.name, ...place }))),
	};
};

/** Surveys a project that is not running, from the output of `docker compose config --format json`. */
export const surveyModel = (json: string) => withPorts(servicesOfModel(json), new Map());

/**
 * Surveys one Compose project: its services, the answers of its published ports (asked on the host, through the connection), git, and
 * backups. Compose is called as for the deployment itself. If the files are not on the host, or need a program that only the operator
 * may call, the services come from the containers. Throws BackoutError `failed` if the directory or the Compose file cannot be read for
 * another reason.
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
	const published = new Map<string, readonly Published[]>();
	for (const line of parts.get('published') ?? []) {
		const [service = '', ports = ''] = line.split('\t');
		published.set(service, eachOnce([...(published.get(service) ?? []), ...publishedPorts(ports)]));
	}
	const { services, places } = withPorts(
		config === '' ? servicesOfContainers(parts.get('containers') ?? []) : servicesOfModel(config),
		published,
	);
	const ports: SurveyedPort[] = await Promise.all(
		places.map(({ service, ...place }) => probePort(host, service, place, signal)),
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

/** True when an env file is gone: a program made it, and only that program can make it again. */
const needsProgram = ({ conflicts }: Deployment): boolean =>
	conflicts.some((conflict) => conflict.includes('compose.command of this target'));
