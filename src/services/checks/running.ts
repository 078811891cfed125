import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { type ContainerCache, containerOf, wellSince } from './container-cache.ts';
import { describeContainer, notWell } from './containers.ts';
import { expectedLines } from './on-host.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

const keys = ({ z, text }: SchemaParts) => ({
	services: z.array(text()).min(1, 'must not be empty').describe('Compose services'),
});

const build = ({ services }: Entry<typeof keys>) => ({ services });
type RunningCheck = Built<ReturnType<typeof build>>;

/** Passes when these services run, and are healthy if they have a health check. */
const checkRunning = (definition: RunningCheck, { engine }: CheckContext, snapshots: ContainerCache): CheckFunction => {
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

export const running = defineCheckKind({
	about: 'These services run, and are healthy if they have a health check',
	keys,
	build,
	run: (definition, { context, snapshots }) => checkRunning(definition, context, snapshots),
	onHost: ({ services }) => ({
		ask: 'ask_containers',
		values: { services: expectedLines(services.map((service) => ({ service, replicas: 1, kind: 'serves' }))) },
		seconds: 30,
	}),
	decisive: true,
	ofContainers: true,
});
