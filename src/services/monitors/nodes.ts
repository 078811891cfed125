import type { EngineNode } from '../../engine/node.ts';
import { BackoutError } from '../../runbook/errors.ts';
import { instancesOn, type NodeReading, type ReadingState } from '../../runbook/reading.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';
import { startPoller } from './poller.ts';
import { createPublisher } from './sink.ts';

const schema = ({ mapping, pollInterval }: SchemaParts) =>
	mapping('nodes monitor', { interval: pollInterval().prefault('5s').describe('Time between two polls') });

const build = ({ interval }: Entry<typeof schema>) => ({ intervalMs: interval });

const kept = { pause: 'is paused', cordon: 'is cordoned', drain: 'is drained' } as const;

/** Judges one node; `ok` for one that somebody keeps free, which `troubles` names all the same. */
const judge = ({ state, role, isReachable, availability }: EngineNode): readonly [ReadingState, string | undefined] => {
	if (state !== 'ready') {
		return ['down', `is ${state}`];
	}
	if (role === 'manager' && isReachable === false) {
		return ['down', 'is not reached by the other managers'];
	}
	return availability === 'active' ? ['ok', undefined] : ['warn', kept[availability]];
};

const rank: readonly ReadingState[] = ['ok', 'warn', 'unknown', 'down'];

/** Returns the state of all nodes together, and what is wrong with the worst. */
export const judgeNodes = (
	nodes: readonly EngineNode[],
): { readonly state: ReadingState; readonly reason?: string } => {
	const troubled = nodes
		.map((node) => ({ node, judged: judge(node) }))
		.filter(({ judged: [state] }) => state !== 'ok')
		.toSorted((a, b) => rank.indexOf(b.judged[0]) - rank.indexOf(a.judged[0]));
	const managers = nodes.filter(({ role }) => role === 'manager');
	const reached = managers.filter(({ isReachable, state }) => isReachable !== false && state === 'ready').length;
	const spare = reached - Math.floor(managers.length / 2) - 1;
	const worst = troubled[0];
	if (worst === undefined) {
		return { state: 'ok' };
	}
	const more = troubled.length > 1 ? ` (and ${troubled.length - 1} more)` : '';
	const quorum = reached < managers.length && spare === 0 ? '; if one more manager goes, nothing can be changed' : '';
	return { state: worst.judged[0], reason: `${worst.node.name} ${worst.judged[1]}${more}${quorum}` };
};

const words = ({ role, isLeader, state, availability, version }: NodeReading): string =>
	[isLeader ? 'leader' : role, state, ...(availability === 'active' ? [] : [availability]), version].join(', ');

/** The machines of an engine that has several. */
export const nodes = defineMonitor({
	about: 'The nodes of a swarm or of a cluster of Kubernetes; not for Compose',
	schema,
	build,
	reads: 'The nodes of a swarm or a cluster, as its managers or its API server know them',
	value: ({ nodesValue }) => nodesValue,
	start: ({ intervalMs }, { engine, host, sink }) => {
		const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
		const publisher = createPublisher(sink, { maxAgeMs: intervalMs * 2 + 5000, same });
		return startPoller({
			host,
			intervalMs,
			failed: (reason) => publisher.fail(reason),
			poll: async (signal) => {
				if (engine.nodes === undefined) {
					throw new BackoutError(
						'failed',
						`${engine.terms.name} has no nodes: only engine: swarm and engine: kubernetes have`,
						{
							host: host.name,
						},
					);
				}
				const all = await engine.nodes(signal);
				const { state, reason } = judgeNodes(all);
				publisher.publish([...all], state, reason);
			},
		});
	},
	title: 'nodes',
	status: (value: readonly NodeReading[] | undefined, { safe, plural }) =>
		value === undefined
			? { text: 'nodes' }
			: {
					text: plural(value.length, 'node'),
					more: value.map((node) => `${safe(node.name)}: ${safe(words(node))}, ${instancesOn(node)}`),
				},
	facts: (value) => value.map((node) => `${node.name}: ${words(node)}`),
});
