import type { DesiredService, DesiredState } from '../../engine/desired.ts';
import type { Instance } from '../../engine/instance.ts';
import type { ReadingState } from '../../runbook/reading.ts';

/** The services that should run. */
export interface Expectation {
	/** The state that the deployment's files ask for; undefined while that is not known. */
	readonly desired?: DesiredState;
	/** Services that must run even if they look like jobs: the deployment's main ones. */
	readonly main: readonly string[];
	/** Ids of containers that somebody was seen to stop. */
	readonly stopped?: ReadonlySet<string>;
	/** Ids of containers that were seen to end by themselves; undefined: nobody watched for it. */
	readonly ended?: ReadonlySet<string>;
}

/**
 * Returns the services that must run.
 *
 * @param own the runbook's main service, its variable `service`: a default that Compose may not know
 * @param known the services of the model; without one, those that have containers
 * @param planned the services that a plan expects to run
 */
export const mainServices = (
	own: string | undefined,
	known: readonly string[],
	planned: readonly string[] = [],
): readonly string[] => [...new Set([...planned, ...(own !== undefined && known.includes(own) ? [own] : [])])];

/** How a container ended: like a finished job, although it should run, or it is unclear. */
export type Ended = 'done' | 'stopped' | 'unclear';

/** Longest uptime of a job that no service waits for, ms; whatever ran longer was a server. */
const longestJobMs = 3_600_000;

/** Returns the services for whose successful end others wait, according to the containers of those. */
const jobsByInstances = (containers: readonly Instance[]): readonly string[] =>
	containers.flatMap(({ waitsForEndOf = [] }) => waitsForEndOf);

/**
 * Says how a stopped container ended. Compose does not mark jobs, and `no` is also the default restart policy: a stopped server must not
 * pass for a job. A job is a service for whose end others wait; otherwise the files must say that it is not restarted, and nothing may
 * suggest a server.
 */
const endedAs = (
	details: Instance,
	service: DesiredService | undefined,
	{ main, stopped, ended }: Expectation,
	jobs: ReadonlySet<string>,
): Ended => {
	const { id, exitCode, restartPolicy, startedAt, finishedAt } = details;
	if (details.status !== 'exited' || exitCode !== 0 || main.includes(details.service)) {
		return 'stopped';
	}
	if (jobs.has(details.service)) {
		return 'done';
	}
	const serves =
		details.publishesPorts ||
		details.health !== undefined ||
		service?.healthcheck === 'given' ||
		(service?.ports.length ?? 0) > 0 ||
		!['no', '', 'on-failure'].includes(restartPolicy);
	if (serves || stopped?.has(id)) {
		return 'stopped';
	}
	// Servers have this policy as often as jobs, and Docker forgets within minutes that somebody has stopped one.
	const wasSeen = restartPolicy !== 'on-failure' || ended === undefined || ended.has(id);
	const ranMs = (finishedAt ?? 0) - (startedAt ?? 0);
	return service?.restartGiven === true && wasSeen && ranMs <= longestJobMs ? 'done' : 'unclear';
};

/** The judgement on one service. */
export interface ServiceJudgement {
	readonly service: string;
	readonly state: ReadingState;
	/** The reason why it is not ok, with the name of the service or of its container. */
	readonly reason?: string;
	/** A remark that is no fault. */
	readonly note?: string;
	/** Its containers that are down or not well. */
	readonly down: readonly Instance[];
	/** True when there are fewer containers than there should be. */
	readonly missing: boolean;
	/** True when it should not run: a finished job, or a service scaled to zero. */
	readonly done: boolean;
	/** True when it need not run, whatever it is: it is scaled to zero, or not in the files. */
	readonly needless: boolean;
	/** Containers that may be finished or stopped: it is unclear. */
	readonly unclear: readonly Instance[];
	/** `2 of 3 run`, if there should be several and not all are well. */
	readonly count?: string;
}

/** Shortens a name: `scaled-web-2` of the project `scaled` is `web-2`. */
export const shortName = (name: string, project: string): string =>
	['-', '_'].some((mark) => name.startsWith(project + mark)) ? name.slice(project.length + 1) : name;

/** Says why a container that should run is not well, without its name; undefined when it is. */
export const troubleOf = (details: Instance): { readonly state: ReadingState; readonly why: string } | undefined => {
	const { status, health, exitCode, restarts } = details;
	if (status === 'running') {
		if (health === undefined || health === 'healthy') {
			return undefined;
		}
		return health === 'starting'
			? { state: 'warn', why: 'is up, but its health check has not passed yet' }
			: { state: 'down', why: 'is unhealthy' };
	}
	const code = exitCode === undefined ? '' : `exit code ${exitCode}`;
	if (status === 'restarting') {
		const times = restarts === 1 ? 'once' : `${restarts} times`;
		return { state: 'down', why: `is restarting, ${code || details.error || 'exit code unknown'}, restarted ${times}` };
	}
	const why = details.error || (details.oomKilled ? `out of memory, ${code}` : code);
	return { state: status === 'paused' ? 'warn' : 'down', why: `is ${status}${why ? `, ${why}` : ''}` };
};

const worse = (a: ReadingState, b: ReadingState): ReadingState => {
	const order = ['ok', 'warn', 'unknown', 'down'] as const;
	return order.indexOf(a) > order.indexOf(b) ? a : b;
};

interface Seen {
	readonly name: string;
	readonly found: readonly Instance[];
	readonly service: DesiredService | undefined;
	readonly jobs: ReadonlySet<string>;
	readonly project: string;
}

const judgeService = ({ name, found, service, jobs, project }: Seen, expected: Expectation): ServiceJudgement => {
	const orphan = expected.desired !== undefined && service === undefined && !expected.main.includes(name);
	const wanted = service?.replicas ?? (expected.desired === undefined || orphan ? 0 : 1);
	const ended = found.filter(({ status }) => !['running', 'restarting', 'paused'].includes(status));
	const kinds = new Map(ended.map((details) => [details.id, endedAs(details, service, expected, jobs)]));
	// Surplus containers and orphans may be stopped.
	const mayBeDown = orphan || (expected.desired !== undefined && wanted === 0);
	const well = found.filter((details) => troubleOf(details) === undefined);
	const surplus = expected.desired === undefined ? 0 : well.length - wanted;
	const spare = (details: Instance) =>
		expected.desired !== undefined && kinds.has(details.id) && (mayBeDown || surplus >= 0);
	const unclear = found.filter((details) => kinds.get(details.id) === 'unclear' && !spare(details));
	const down = found.filter(
		(details) =>
			troubleOf(details) !== undefined && (kinds.get(details.id) ?? 'stopped') === 'stopped' && !spare(details),
	);
	const done = [...kinds.values()].filter((kind) => kind === 'done').length;
	const many = wanted > 1 || found.length > 1;
	const called = (details: Instance) => (many ? shortName(details.name, project) : name);
	const lacking = Math.max(0, wanted - found.length);
	const reasons = [
		...down.map((details) => `${called(details)} ${troubleOf(details)?.why ?? ''}`),
		...unclear.map(
			(details) =>
				`${called(details)} exited with code 0, and nothing shows whether it is a finished job or was stopped`,
		),
		...(lacking > 0 && !many ? [`${name} has no container`] : []),
		...(lacking > 0 && many ? [`${found.length} of ${wanted} containers of ${name} exist`] : []),
	];
	const states = [
		...down.map((details) => troubleOf(details)?.state ?? 'down'),
		...(lacking > 0 ? (['down'] as const) : []),
		...(unclear.length > 0 ? (['unknown'] as const) : []),
	];
	const count = wanted > 1 && reasons.length > (lacking > 0 ? 1 : 0) ? `${well.length} of ${wanted} run` : undefined;
	return {
		service: name,
		state: states.reduce(worse, 'ok' as ReadingState),
		...(reasons.length > 0 && { reason: [...reasons, ...(count === undefined ? [] : [count])].join(', ') }),
		...noteOf(name, {
			orphan,
			surplus: mayBeDown ? 0 : surplus,
			well: well.length,
			wanted,
			scaled: service?.replicas === 0,
		}),
		down,
		missing: lacking > 0,
		unclear,
		...(count !== undefined && { count }),
		done: reasons.length === 0 && well.length === 0 && (done > 0 || mayBeDown),
		needless: mayBeDown,
	};
};

interface Counted {
	readonly orphan: boolean;
	readonly surplus: number;
	readonly well: number;
	readonly wanted: number;
	readonly scaled: boolean;
}

const noteOf = (name: string, { orphan, surplus, well, wanted, scaled }: Counted): { readonly note?: string } => {
	if (orphan) {
		return { note: `${name} is not in the Compose files in use${well > 0 ? ', but runs' : ''}` };
	}
	if (scaled) {
		return well > 0 ? { note: `${name} is scaled to 0, but ${well} run` } : {};
	}
	return surplus > 0 && well > 1 ? { note: `${well} containers of ${name} run, ${wanted} are configured` } : {};
};

/**
 * Judges every service that should run, and every one that has a container.
 *
 * @param containers of the project, stopped ones too
 * @param except services that need not run
 */
export const judgeServices = (
	containers: readonly Instance[],
	project: string,
	expected: Expectation,
	except: readonly string[] = [],
): readonly ServiceJudgement[] => {
	const { desired, main } = expected;
	const jobs = new Set([...(desired?.jobs ?? []), ...jobsByInstances(containers)]);
	const names = new Set([
		...containers.map(({ service }) => service),
		...(desired?.services ?? []).map(({ name }) => name),
		...main,
	]);
	return [...names]
		.filter((name) => !except.includes(name))
		.map((name) =>
			judgeService(
				{
					name,
					found: containers.filter(({ service }) => service === name),
					service: desired?.services.find((service) => service.name === name),
					jobs,
					project,
				},
				expected,
			),
		);
};
