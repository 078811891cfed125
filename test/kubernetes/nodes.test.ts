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
				const [moved] = (await deployment.pods('web')).filter(({ node }) => node === 'node-2');
				const plan = await place.backout('plan', ...drain('node-2'));
				expect(plan.text).toContain(`on node-2: ${deployment.namespace}/${moved?.name}`);
				expect(plan.text).not.toMatch(/on node-2: .*agent/);
				const drained = await runTo(place, ...drain('node-2'));
				expect(drained).toContain('no pod is on node-2, but those of daemon sets');
				expect(await takesPods('node-2')).toBe(false);
				expect(await on('node-2')).toEqual(['agent']);
				await deployment.runs('web', [image('1'), image('1')]);
				const status = await place.backout('status');
				expect(status.text).toMatch(/node-2: worker, ready, drain/);
				expect(status.text).toMatch(/warn: node-2 is drained/);
				const other = await place.backout('run', ...drain('node-1'), ...consent);
				expect(other.text).toContain('no other node is ready and takes pods: they would go nowhere');
				expect(other.code).toBe(4);
				expect(await takesPods('node-1')).toBe(true);

				await runTo(place, 'activate-node', '--input', 'node=node-2');
				expect(await takesPods('node-2')).toBe(true);
				await runTo(place, ...drain('node-2'));
				const undo = await place.backout('undo', 'last', ...consent);
				expect(undo.code, undo.text).toBe(0);
				expect(await takesPods('node-2')).toBe(true);
			} finally {
				await cluster.kubectl('uncordon', 'node-1', 'node-2');
			}
		},
	);
});
