import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import type { ContainerCache } from './container-cache.ts';
import { describeContainer } from './containers.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

const keys = ({ z, text }: SchemaParts) => ({
	services: z
		.array(text())
		.min(1, 'must not be empty')
		.describe('Compose services; default: all of the project')
		.optional(),
});

const build = ({ services }: Entry<typeof keys>) => ({ services });
type StoppedCheck = Built<ReturnType<typeof build>>;

/** Passes when these services, or the whole project, run nothing. A container that Docker is about to restart does not count as stopped. */
const checkStopped = (definition: StoppedCheck, { engine }: CheckContext, snapshots: ContainerCache): CheckFunction => {
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
					: `${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} stopped`,
			asked,
			evidence,
			since: last === 0 ? undefined : engine.clock.toLocal(last),
		};
	};
};

export const stopped = defineCheckKind({
	about: 'These services are stopped',
	keys,
	build,
	run: (definition, { context, snapshots }) => checkStopped(definition, context, snapshots),
	wantsStopped: true,
});
