import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { runTo } from './harness/steps.ts';

const long = { tags: ['long'] };
const consent = ['--yes', '--reason', 'test'];

describe.skipIf(withoutCluster !== undefined)('a node', () => {
	test(
		'is drained and brought back, and an undo lets it take pods, too',
		long,
		async ({ cluster, openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			await deployment.runs('web', [image('1'), image('1')]);
			await deployment.runs('database', [image('1')]);
			await deployment.runs('agent', [image('1'), image('1')]);
			const place = openFor(deployment);
			const takesPods = async (node: string) =>
				(await cluster.kubectl('get', 'node', node, '-o', 'jsonpath={.spec.unschedulable}')) !== 'true';
			const on = async (node: string) =>
				(await deployment.pods()).filter((pod) => pod.node === node).map(({ workload }) => workload);
			const drain = (node: string) => ['drain-node', '--input', `node=${node}`];
			try {
				// Where the cluster puts pods is its own affair.
				const [moved] = await deployment.pods('web');
				const node = moved?.node ?? '';
				const other = ['node-1', 'node-2'].find((name) => name !== node) ?? '';
				const plan = await place.backout('plan', ...drain(node));
				expect(plan.text).toContain(`on ${node}: ${deployment.namespace}/${moved?.name}`);
				expect(plan.text).not.toMatch(new RegExp(`on ${node}: .*agent`));
				const drained = await runTo(place, ...drain(node));
				expect(drained).toContain(`no pod is on ${node}, but those of daemon sets`);
				expect(await takesPods(node)).toBe(false);
				expect(await on(node)).toEqual(['agent']);
				await deployment.runs('web', [image('1'), image('1')]);
				const status = await place.backout('status');
				expect(status.text).toMatch(new RegExp(`${node}: [\\w -]+, ready, drain`));
				expect(status.text).toContain(`warn: ${node} is drained`);
				const last = await place.backout('run', ...drain(other), ...consent);
				expect(last.text).toContain('no other node is ready and takes pods: they would go nowhere');
				expect(last.code).toBe(4);
				expect(await takesPods(other)).toBe(true);

				await runTo(place, 'activate-node', '--input', `node=${node}`);
				expect(await takesPods(node)).toBe(true);
				await runTo(place, ...drain(node));
				const undo = await place.backout('undo', 'last', ...consent);
				expect(undo.code, undo.text).toBe(0);
				expect(await takesPods(node)).toBe(true);
			} finally {
				await cluster.kubectl('uncordon', 'node-1', 'node-2');
			}
		},
	);
});
