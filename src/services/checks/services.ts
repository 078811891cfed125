import type { CheckDefinition } from '../../runbook/runbook.ts';
import { type ContainerCache, containerOf, wellSince } from './container-cache.ts';
import { describeContainer, notWell } from './containers.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

/** These services, or all of the project, run nothing. A container that Docker is about to restart does not count as stopped. */
export const lookAtStopped = (
	definition: Extract<CheckDefinition, { kind: 'stopped' }>,
	{ engine }: CheckContext,
	snapshots: ContainerCache,
): CheckFunction => {
	const { services } = definition;
	const asked = engine.terms.asks.instances(services);
	return async (signal) => {
		const snapshot = await snapshots.take(signal);
		const found = snapshot.containers.filter(({ service }) => services === undefined || services.includes(service));
		const alive = found.filter(({ status }) => !['exited', 'dead', 'created'].includes(status));
		const hostNow = engine.clock.now();
		const evidence = found.map((details) => describeContainer(details, hostNow)).join('\n') || 'no container';
		if (alive.length > 0) {
			const reason = alive.map(({ service, status }) => `${service} is ${status}`).join('; ');
			return { state: 'failed', reason, asked, evidence };
		}
		const ends = found.map(({ finishedAt }) => finishedAt ?? 0);
		const last = Math.max(0, ...ends);
		return {
			state: 'passed',
			reason:
				services === undefined
					? 'no container of the project runs'
					: `${services.join(', ')} ${services.length === 1 ? 'runs' : 'run'} nothing`,
			asked,
			evidence,
			since: last === 0 ? undefined : engine.clock.toLocal(last),
		};
	};
};

/** These services run, and are healthy where they have a health check. */
export const lookAtRunning = (
	definition: Extract<CheckDefinition, { kind: 'running' }>,
	{ engine }: CheckContext,
	snapshots: ContainerCache,
): CheckFunction => {
	const asked = engine.terms.asks.instances(definition.services);
	return async (signal) => {
		const snapshot = await snapshots.take(signal);
		const found = definition.services.map((service) => ({ service, details: containerOf(snapshot, service) }));
		const hostNow = engine.clock.now();
		const evidence = found
			.map(({ service, details }) =>
				details === undefined ? `${service}: no container` : describeContainer(details, hostNow),
			)
			.join('\n');
		const wrong = found.flatMap(({ service, details }) => {
			if (details === undefined) {
				return [`${service} has no container`];
			}
			const why = notWell(details) ?? (details.status === 'running' ? undefined : `is ${details.status}`);
			return why === undefined ? [] : [`${service} ${why}`];
		});
		if (wrong.length > 0) {
			return { state: 'failed', reason: wrong.join('; '), asked, evidence };
		}
		const since = Math.max(...found.map(({ details }) => (details === undefined ? 0 : wellSince(details, snapshot))));
		const reason = `${definition.services.join(', ')} ${definition.services.length === 1 ? 'runs' : 'run'}`;
		return { state: 'passed', reason, asked, evidence, since: engine.clock.toLocal(since) };
	};
};
