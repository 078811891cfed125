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

	test(
		'is not well while pods are on a lost node, unless that was cordoned before',
		long,
		async ({ cluster: { kubectl, nodes }, openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			await deployment.runs('web', [image('1'), image('1')]);
			await deployment.runs('agent', [image('1'), image('1')]);
			await deployment.runs('database', [image('1')]);
			// A stateful set gets no other pod while the one on a lost node may still run.
			const [database] = await deployment.pods('database');
			const lost = nodes.find(({ name }) => name !== database?.node);
			const name = lost?.name ?? '';
			const place = openFor(deployment);
			await lost?.kill();
			try {
				await alarm(place, /Converged: failed, .*agent: 1 of 2 run as specified/);
				const seen = await place.backout('verify');
				expect(seen.code, seen.text).toBe(1);
				expect(seen.text).toContain(`agent: 1 of its pods is on ${name}, which is lost: what runs there is not known`);
				expect(seen.text).toMatch(new RegExp(`Pods: failed, agent-\\w+ is dead, its node ${name} is lost`));
				await deployment.kubectl('wait', 'deployment/web', '--for=condition=Available', '--timeout=180s');
				await kubectl('cordon', name);
				const planned = await place.backout('verify', '--wait', '3m');
				expect(planned.code, planned.text).toBe(0);
				expect(planned.text).toMatch(/Pods: passed, 4 of 4 running/);
			} finally {
				await lost?.start();
				await kubectl('uncordon', name);
			}
			await deployment.runs('agent', [image('1'), image('1')]);
			const back = await place.backout('verify', '--wait', '3m');
			expect(back.code, back.text).toBe(0);
		},
	);
});
