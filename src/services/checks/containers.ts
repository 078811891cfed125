import type { CheckDefinition } from '../../runbook/runbook.ts';
import { configFilesLabel } from '../docker/labels.ts';
import type { ContainerDetails } from '../docker/types.ts';
import { isFinishedTask } from '../monitors/container-state.ts';
import { composeServices } from './compose-services.ts';
import { ago, type CheckContext, type Look } from './outcome.ts';
import { type Snapshots, wellSince } from './snapshot.ts';

/** Why a container is not as it should be; undefined when it is. */
export const notWell = (details: ContainerDetails): string | undefined => {
	const { status, health, exitCode, restarts } = details;
	if (status === 'running') {
		if (health === undefined || health === 'healthy') {
			return undefined;
		}
		return health === 'starting' ? 'is up, its health check has not passed yet' : 'is unhealthy';
	}
	if (isFinishedTask(details)) {
		return undefined;
	}
	if (status === 'restarting') {
		return `is restarting, exit code ${exitCode ?? 'unknown'}, restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
	}
	const why = details.error || (exitCode === undefined ? '' : `exit code ${exitCode}`);
	return `is ${status}${why ? `, ${why}` : ''}`;
};

/** What Compose finds by itself in the directory. Through a symbolic link the label has another path: then it is asked. */
const usualFile = (files: string, directory: string): boolean =>
	files === '' ||
	['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'].some(
		(name) => files === `${directory.replace(/\/+$/, '')}/${name}`,
	);

/** Nobody but an operator starts it again: Docker does not restart it, or it was stopped by hand. */
const staysDown = (details: ContainerDetails): boolean => ['exited', 'dead', 'created'].includes(details.status);

export const describeContainer = (details: ContainerDetails, hostNow: number): string => {
	const { service, status, health, exitCode, restarts, startedAt } = details;
	const since = startedAt === undefined || status !== 'running' ? '' : `, up ${ago(hostNow - startedAt)}`;
	const code = exitCode === undefined || status === 'running' ? '' : `, exit code ${exitCode}`;
	return `${service}: ${status}${health ? `, ${health}` : ''}${code}${since}, restarts ${restarts}`;
};

/**
 * Every service of the project runs, is healthy where it has a health check, and does not restart. The services are those
 * that have containers and those that the Compose file names, where it can be read.
 */
export const lookAtContainers = (
	definition: Extract<CheckDefinition, { kind: 'containers' }>,
	context: CheckContext,
	snapshots: Snapshots,
): Look => {
	const { docker, target } = context;
	const asked = `docker ps -a --filter label=com.docker.compose.project=${target.project}; docker inspect; docker compose config --services`;
	/** Starts by container name, as seen at the last look: another start means it was restarted or recreated. */
	let starts: ReadonlyMap<string, number> | undefined;

	return async (signal) => {
		// Asked for at once, with the files it finds by itself; again where the containers were made of others.
		const [snapshot, found] = await Promise.all([snapshots.take(signal), composeServices(context, '', signal)]);
		const containers = snapshot.containers.filter(({ service }) => !definition.except.includes(service));
		const files = containers[0]?.labels[configFilesLabel] ?? '';
		const compose = usualFile(files, target.directory) ? found : await composeServices(context, files, signal);
		const hostNow = docker.clock.now();
		const missing = compose.services.filter(
			(service) => !definition.except.includes(service) && !containers.some((details) => details.service === service),
		);
		const evidence = [
			...containers.map((details) => describeContainer(details, hostNow)),
			...missing.map((service) => `${service}: no container`),
			...(compose.unreadable === undefined
				? []
				: [`the Compose file cannot be read (${compose.unreadable}): only services with containers were looked at`]),
		].join('\n');

		const before = starts;
		starts = new Map(containers.map(({ name, startedAt }) => [name, startedAt ?? 0]));
		const restarted = containers.filter(({ name, startedAt }) => {
			const had = before?.get(name);
			return had !== undefined && had !== 0 && startedAt !== had;
		});
		const wrong = [
			...containers.flatMap((details) => {
				const why = notWell(details);
				return why === undefined ? [] : [`${details.service} ${why}`];
			}),
			...missing.map((service) => `${service} has no container`),
			...restarted
				.filter((details) => notWell(details) === undefined)
				.map(({ service }) => `${service} was restarted just now`),
		];
		if (containers.length === 0) {
			wrong.unshift(`the project ${target.project} has no container`);
		}
		if (wrong.length > 0) {
			const down = containers.filter((details) => notWell(details) !== undefined);
			const mends = restarted.length > 0 || missing.length > 0 || down.length === 0 || !down.every(staysDown);
			return {
				state: 'failed',
				reason: wrong.slice(0, 3).join('; ') + (wrong.length > 3 ? ` (and ${wrong.length - 3} more)` : ''),
				asked,
				evidence,
				hopelessSince: mends
					? undefined
					: docker.clock.toLocal(Math.max(...down.map(({ finishedAt, createdAt }) => finishedAt ?? createdAt))),
			};
		}
		const running = containers.filter(({ status }) => status === 'running');
		const since = Math.max(
			...containers.map((details) =>
				details.status === 'running' ? wellSince(details, snapshot) : (details.finishedAt ?? 0),
			),
		);
		return {
			state: 'passed',
			reason: `${compose.unreadable === undefined ? '' : 'the Compose file cannot be read; '}${running.length} of ${containers.length} run${running.length === containers.length ? '' : ', the others have done their work'}, none restarts`,
			asked,
			evidence,
			since: docker.clock.toLocal(since),
		};
	};
};
