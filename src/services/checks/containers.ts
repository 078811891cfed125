import type { DesiredAnswer } from '../../engine/desired.ts';
import type { Instance } from '../../engine/instance.ts';
import {
	judgeServices,
	mainServices,
	type ServiceJudgement,
	shortName,
	troubleOf,
} from '../monitors/expected-containers.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { type ContainerCache, type ContainersNow, wellSince } from './container-cache.ts';
import { crashPeriodOf, longestPeriodMs } from './crash-period.ts';
import { expectedLines } from './on-host.ts';
import { ago, type CheckContext, type CheckFunction } from './outcome.ts';

/** Says why a container that should run is not well; undefined when it is. */
export const notWell = (details: Instance): string | undefined => troubleOf(details)?.why;

/** True when only an operator can start it again: Docker does not restart it, or it was stopped by hand. */
const staysDown = (details: Instance): boolean => ['exited', 'dead', 'created'].includes(details.status);

export const describeContainer = (details: Instance, hostNow: number): string => {
	const { name, project = '', service, status, health, exitCode, restarts, startedAt } = details;
	const since = startedAt === undefined || status !== 'running' ? '' : `, up ${ago(hostNow - startedAt)}`;
	const code = exitCode === undefined || status === 'running' ? '' : `, exit code ${exitCode}`;
	// If there are several, the number tells them apart.
	const short = shortName(name, project);
	const called = short === `${service}-1` || !short.startsWith(service) ? service : short;
	return `${called}: ${status}${health ? `, ${health}` : ''}${code}${since}, restarts ${restarts}`;
};

/**
 * Lists crashing services that have not been up for longer than they were seen to take. Docker's growing pauses are included; a service
 * that crashes less often than every few minutes cannot be waited for.
 */
const notProven = (running: readonly Instance[], { record }: ContainersNow, hostNow: number): readonly string[] =>
	running.flatMap((details) => {
		const { service, restarts, startedAt } = details;
		const periodMs = crashPeriodOf(details, record);
		const upMs = hostNow - (startedAt ?? hostNow);
		return restarts === 0 || periodMs === undefined || periodMs > longestPeriodMs || upMs > periodMs
			? []
			: [`${service} crashed about every ${ago(periodMs)} before, and has been up for ${ago(upMs)}`];
	});

/**
 * Lists containers whose newest probes have failed although they are still called healthy: that changes only after several failures in a row,
 * which may take longer than a verification.
 */
const failingNow = (running: readonly Instance[]): readonly string[] =>
	running.flatMap(({ service, health, failingProbes = 0 }) =>
		health !== 'healthy' || failingProbes === 0
			? []
			: [
					`the health check of ${service} has failed ${failingProbes === 1 ? 'just now' : `${failingProbes} times in a row`}, though it is still called healthy`,
				],
	);

/** Detects services whose containers were started since the last run: they were restarted or recreated. */
const createRestarts = () => {
	/** Start times by container name. */
	let starts: ReadonlyMap<string, number> | undefined;
	return (containers: readonly Instance[]): readonly Instance[] => {
		const before = starts;
		starts = new Map(containers.map(({ name, startedAt }) => [name, startedAt ?? 0]));
		return containers.filter(({ name, startedAt }) => {
			const had = before?.get(name);
			return had !== undefined && had !== 0 && startedAt !== had;
		});
	};
};

const inShort = (all: readonly string[]): string =>
	all.slice(0, 3).join('; ') + (all.length > 3 ? ` (and ${all.length - 3} more)` : '');

/** Returns the ground of an answer: the containers. When one is created or removed, the files may have changed. */
const groundOf = ({ containers }: ContainersNow): string =>
	containers
		.map(({ id }) => id)
		.toSorted()
		.join(' ');

/** Maximum age of the model while a verdict is made, ms. */
const judgedFreshMs = 20_000;

/** True when a service runs as many containers as before the undone run, and its only fault is that no more of them do. */
const isAsBefore = (
	{ service, state, down }: ServiceJudgement,
	containers: readonly Instance[],
	ranBefore: ReadonlyMap<string, number> | undefined,
): boolean => {
	const up = containers.filter((details) => details.service === service && !staysDown(details)).length;
	return ranBefore !== undefined && state !== 'ok' && down.every(staysDown) && up === (ranBefore.get(service) ?? 0);
};

/** Returns the time since when all of them have been as they are, ms by the host's clock. */
const sinceOf = (containers: readonly Instance[], snapshot: ContainersNow): number =>
	Math.max(
		0,
		...containers.map((details) =>
			details.status === 'running' ? wellSince(details, snapshot) : (details.finishedAt ?? 0),
		),
	);

const unreadableLabel = (why: string): string =>
	`the Compose file cannot be read, so it is unknown what should run: ${why}`;

/** The next move where a service has ended and may be a job. */
const ifJob =
	'If it is a job, name it under except: of this check in the runbook, or give it restart: "no" in its Compose file';

/** Says why the other containers do not run, if nothing is wrong with that. */
const othersOf = (done: readonly ServiceJudgement[]): string => {
	const [jobs, needless] = [done.some((one) => !one.needless), done.some((one) => one.needless)];
	return jobs && needless
		? ', the others are finished jobs or need not run'
		: jobs
			? ', the others are finished jobs'
			: needless
				? ', the others need not run'
				: '';
};

const keys = ({ z, text }: SchemaParts) => ({
	except: z.array(text()).default([]).describe('Services that need not run'),
});

const build = ({ except }: Entry<typeof keys>) => ({ except });
type ContainersCheck = Built<ReturnType<typeof build>>;

/**
 * Passes when every service of Compose's model runs as many containers as it asks for, is healthy if it has a health check, and does not
 * restart; jobs are done. Without the model it is unknown what should run; but if the files are inside the tool that manages the stack,
 * every existing container should run.
 *
 * @param watching true for the dashboard, which rarely reads the model
 */
const checkContainers = (
	definition: ContainersCheck,
	context: CheckContext,
	snapshots: ContainerCache,
	watching = false,
): CheckFunction => {
	const { engine, target } = context;
	const asked = engine.terms.asks.desired();
	const restartsOf = createRestarts();
	const maxAge = watching ? {} : { maxAgeMs: judgedFreshMs };

	const noContainer = ({ project = engine.project }: DesiredAnswer): string => {
		const others =
			project === engine.project ? '' : `; the deployment in ${target.directory} is the project ${project}`;
		return `the project ${engine.project} has no container${others}`;
	};

	const readBoth = async (signal: AbortSignal): Promise<[ContainersNow, DesiredAnswer]> => {
		const [snapshot] = await Promise.all([snapshots.take(signal), engine.desired({ signal, ...maxAge })]);
		return [snapshot, await engine.desired({ signal, ground: groundOf(snapshot), ...maxAge })];
	};

	return async (signal) => {
		const [snapshot, answer] = await readBoth(signal);
		const { desired } = answer;
		// The files are inside the tool that manages the stack: only the containers are known.
		const inATool = answer.isManaged === true;
		const unreadable = inATool ? undefined : answer.unreadable;
		const containers = snapshot.containers.filter(({ service }) => !definition.except.includes(service));
		const known = desired?.services.map(({ name }) => name) ?? containers.map(({ service }) => service);
		const main = mainServices(target.runbook?.variables.service, known, context.services);
		const { stopped, ended } = snapshot.record;
		const expectation = { desired, main, stopped, ended };
		const all = judgeServices(containers, engine.project, expectation, definition.except);
		const asBefore = all.filter((one) => isAsBefore(one, containers, context.ranBefore));
		const judged = all.filter((one) => !asBefore.includes(one));
		const hostNow = engine.clock.now();
		const running = containers.filter(({ status }) => status === 'running');
		const restarted = restartsOf(containers).filter((details) => troubleOf(details) === undefined);
		const failed = [
			...(containers.length === 0 && (desired === undefined || judged.some(({ missing }) => missing))
				? [noContainer(answer)]
				: []),
			...judged.filter(({ state }) => state === 'down' || state === 'warn').map(({ reason = '' }) => reason),
			...restarted.map(({ service }) => `${service} was restarted just now`),
			...notProven(running, snapshot, hostNow),
			// While monitoring, what is known of probes may be old: nothing tells of each.
			...(watching ? [] : failingNow(running)),
		];
		const unclear = judged.filter(({ state }) => state === 'unknown').map(({ reason = '' }) => reason);
		const notes = [
			...judged.flatMap(({ note }) => note ?? []),
			...asBefore.map(({ reason = '' }) => `${reason}, as before`),
			...(inATool ? ['judged by its containers only, because its Compose files are not on this host'] : []),
		];
		const evidence = [
			...containers.map((details) => describeContainer(details, hostNow)),
			...judged.filter(({ missing }) => missing).map(({ service, reason }) => reason ?? `${service}: no container`),
			...notes,
			...(unreadable === undefined ? [] : [unreadableLabel(unreadable)]),
		].join('\n');
		const hopelessSince = hopeless(judged, restarted.length > 0);
		if (failed.length > 0) {
			return { state: 'failed', reason: inShort(failed), asked, evidence, hopelessSince };
		}
		if (unreadable !== undefined || unclear.length > 0) {
			const why = [...(unreadable === undefined ? [] : [unreadableLabel(unreadable)]), ...unclear];
			const next = unclear.length === 0 ? '' : `. ${ifJob}`;
			return { state: 'unknown', reason: `${inShort(why)}${next}`, asked, evidence };
		}
		const done = running.length < containers.length ? othersOf(judged.filter((one) => one.done)) : '';
		return {
			state: 'passed',
			reason: [`${running.length} of ${containers.length} running${done}, no restarts`, ...notes].join('; '),
			asked,
			evidence,
			since: engine.clock.toLocal(sinceOf(containers, snapshot)),
		};
	};

	/** Returns the time since when nothing in progress can help: every failed container stays down until somebody starts it. */
	function hopeless(judged: readonly ServiceJudgement[], restarted: boolean): number | undefined {
		const down = judged.flatMap((one) => one.down);
		const staysSo = (details: Instance): boolean => staysDown(details) && details.isRetried !== true;
		const mends = restarted || judged.some(({ missing }) => missing) || down.length === 0 || !down.every(staysSo);
		return mends
			? undefined
			: engine.clock.toLocal(Math.max(...down.map(({ finishedAt, createdAt }) => finishedAt ?? createdAt)));
	}
};

export const containers = defineCheckKind({
	about: 'Every service runs, is healthy if it has a health check, and does not restart',
	keys,
	build,
	run: (definition, { context, snapshots, share }) => checkContainers(definition, context, snapshots, share),
	onHost: ({ except }, { expected }) =>
		typeof expected === 'string'
			? expected
			: {
					ask: 'ask_containers',
					values: { services: expectedLines(expected.filter(({ service }) => !except.includes(service))) },
					seconds: 30,
				},
	decisive: true,
	ofContainers: true,
	neededByGuard: true,
});
