import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { ownClusterTest as test, withoutCluster } from './harness/index.ts';
import { alarm } from './harness/steps.ts';

const long = { tags: ['long'] };
const consent = ['--yes', '--reason', 'test'];

describe.skipIf(withoutCluster !== undefined)('a cluster that breaks', () => {
	test(
		'goes on with a rollback when the API server was killed in the middle',
		long,
		async ({ cluster: { control }, openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			await deployment.runs('web', [image('1'), image('1')]);
			await deployment.apply({ web: 'none' });
			const place = openFor(deployment);
			await alarm(place, /Converged: failed, web/);
			let text = '';
			const run = place.backout('run', 'rollback-revision', ...consent).then((said) => {
				text = said.text;
				return said;
			});
			const now = () =>
				deployment.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}');
			await expect.poll(() => text || now(), { timeout: 300_000, interval: 500 }).toBe(image('1'));
			await control.server.kill();
			try {
				const status = await place.backout('status');
				expect(status.code, status.text).toBe(1);
				expect(status.text).toMatch(/check Converged: unknown, .*the API server does not answer/);
			} finally {
				control.server.start();
				await control.serves();
			}
			const said = await run;
			expect(said.code, said.text).toBe(0);
			expect(said.text).toMatch(/Converged: passed/);
			await deployment.runs('web', [image('1'), image('1')]);
		},
	);
});
