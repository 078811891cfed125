import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { createKubernetesEngine } from '../../src/engines/kubernetes/engine.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { image } from '../nodes/images.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { openHost } from './harness/shell.ts';

const long = { tags: ['long'] };
const two = (version: '1' | '2') => [image(version), image(version)];

describe.skipIf(withoutCluster !== undefined)('a rollback that somebody reverts', () => {
	test('has not converged, although its pods are well', long, async ({ cluster, openDeployment }) => {
		const deployment = await openDeployment();
		await deployment.apply({ web: '1' });
		await deployment.apply({ web: '2' });
		const host = openHost(deployment.namespace, cluster.env);
		try {
			await host.must('row=$(workload_row web) && roll_back_to_revision web "$(revision_before "$row")"');
			const well = await host.run('look_at_workloads && overwritten');
			expect(well).toEqual({ code: 0, text: '' });
			await deployment.apply({ web: '2' });
			await deployment.runs('web', two('2'));
			const { code, text } = await host.run('wait_converged 60 1 web');
			expect(text).toMatch(
				/^web: somebody has changed it since this run did, kubectl-client-side-apply at 20\d\d-\d\d-\d\dT[\d:]+Z$/m,
			);
			expect(code).toBe(1);
			await host.must('as_wanted web && wait_converged 60 1 web');
			await host.must('scale_workload web 1 && wait_converged 60 1 web');
			await deployment.kubectl('scale', 'deployment', 'web', '--replicas=2');
			await deployment.runs('web', two('2'));
			expect((await host.run('wait_converged 60 1 web')).text).toContain(
				'web: somebody has changed it since this run did',
			);
		} finally {
			host.remove();
		}
	});

	test('in its ConfigMap alone has not converged either', long, async ({ cluster, openDeployment }) => {
		const deployment = await openDeployment();
		const { namespace, clone } = deployment;
		await deployment.apply({ mode: 'right' });
		const host = openHost(namespace, cluster.env);
		const local = new LocalHost({ env: { ...process.env, ...cluster.env } });
		const engine = createKubernetesEngine(local, { project: namespace, directory: clone, kubernetes: { namespace } });
		const run_facts = join(host.state, 'facts');
		/** What the check says of web, after the run whose facts these are. */
		const web = async () => {
			const facts = readFileSync(run_facts, 'utf8').trimEnd().split('\n');
			const all = await engine.rollouts?.(undefined, Object.fromEntries(facts.map((line) => line.split('\t'))));
			return all?.find(({ service }) => service === 'web')?.update;
		};
		try {
			const good = await host.must('wait_converged 150 1 >/dev/null && record_deployment');
			await deployment.apply({ mode: 'wrong' });
			await host.must(`roll_back_to_spec ${good} web && wait_converged 150 1 web`, { run_facts });
			expect(await web()).toEqual({ state: 'completed', message: '' });
			await deployment.kubectl('apply', '-f', join(clone, 'shop.yaml'));
			const { code, text } = await host.run('wait_converged 60 1 web');
			expect(text).toMatch(
				/configmap settings: somebody has changed it since this run did, kubectl-client-side-apply at 20/,
			);
			expect(code).toBe(1);
			await expect.poll(web, { timeout: 20_000 }).toEqual({
				state: 'overwritten',
				message: expect.stringMatching(/^its configmap settings, kubectl-client-side-apply at 20/),
			});
		} finally {
			await local.close();
			host.remove();
		}
	});

	test('after its last step is not verified, and says who did it', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await deployment.apply({ web: '1' });
		await deployment.runs('web', two('1'));
		await deployment.apply({ web: '2' });
		await deployment.runs('web', two('2'));
		const place = openFor(deployment, { settle: '60s' });
		const run = place.backout('run', 'rollback-revision', '--yes', '--reason', 'test');
		const ended = () => globSync(join(place.folder, 'runs/**/result'), {}).length;
		await expect.poll(ended, { timeout: 300_000, interval: 500 }).toBe(1);
		await deployment.runs('web', two('1'));
		await deployment.kubectl('apply', '-f', join(deployment.clone, 'shop.yaml'));
		const { code, text } = await run;
		expect(text).toMatch(
			/Converged: failed, web: somebody has changed it since the run did \(kubectl-client-side-apply at 20[^)]*Z\)/,
		);
		expect(code, text).toBe(5);
		await deployment.runs('web', two('2'));
		// What others want is no fault of the deployment: nothing but the run was to be something else.
		const status = await place.backout('verify', '--wait', '3m');
		expect(status.code, status.text).toBe(0);
	});
});
