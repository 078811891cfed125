import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { kubernetesTest, withoutCluster } from './harness/index.ts';
import { type Host, openHost } from './harness/shell.ts';

const test = kubernetesTest.extend<{ readonly openOn: (namespace: string, shell?: [string, ...string[]]) => Host }>({
	openOn: async ({ cluster }, use) => {
		const hosts: Host[] = [];
		await use((namespace, shell) => {
			const host = openHost(namespace, cluster.env, shell);
			hosts.push(host);
			return host;
		});
		for (const host of hosts) {
			host.remove();
		}
	},
});
const long = { tags: ['long'] };
const two = (version: '1' | '2' | 'bad') => [image(version), image(version)];
const back = 'row=$(workload_row web) && roll_back_to_revision web "$(revision_before "$row")"';

describe.skipIf(withoutCluster !== undefined)('the shell of Kubernetes', () => {
	test(
		'changes nothing where somebody was faster, and is not put off by pods that crash',
		long,
		async ({ openDeployment, openOn }) => {
			const deployment = await openDeployment();
			await deployment.apply({ web: '1' });
			const host = openOn(deployment.namespace, ['busybox', 'sh']);
			await host.must('wait_converged 150 1 && note_containers');
			await deployment.apply({ web: 'bad' });
			const plan_ground = await host.must('ground');
			await expect
				.poll(() => host.must('not_converged web'), { timeout: 120_000, interval: 1000 })
				.toMatch(/web-\w+-\w+: (CrashLoopBackOff|Error) \(exit code 1\)/);
			// Each crash has given the deployment a status, and with it another version.
			expect(await host.must('ground_holds', { plan_ground })).toContain('the deployment has not changed');
			await deployment.kubectl('set', 'env', 'deployment/web', 'BY=somebody');
			const late = await host.run(back, { plan_ground });
			expect(late.text).toContain('somebody has changed web since the plan was made. Nothing was changed.');
			expect(late.code).toBe(1);
			expect((await host.run('ground_holds', { plan_ground })).text).toContain('now   workload: deployment/web');
			expect(await deployment.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.metadata.generation}')).toBe('3');
			const name = /\bweb\S*/.exec(
				await host.must('row=$(workload_row web) && revision_rows "$row" | tail -n 1 | cut -f 1'),
			);
			const again = await host.must('ground');
			await host.must(`roll_back_to_revision web ${name} && wait_converged 150 1`, { plan_ground: again });
			await deployment.runs('web', two('1'));
		},
	);

	test(
		'puts the content of a ConfigMap and a Secret back, and makes pods anew for it',
		long,
		async ({ openDeployment, openOn }) => {
			const deployment = await openDeployment();
			await deployment.apply({ mode: 'right' });
			const host = openOn(deployment.namespace, ['bash', '--posix']);
			const good = await host.must('wait_converged 150 1 >/dev/null && record_deployment');
			await deployment.apply({ mode: 'wrong' });
			await deployment.kubectl('patch', 'secret', 'password', '-p', '{"stringData":{"password":"another"}}');
			const before = (await deployment.pods('web')).map((pod) => pod.name);
			const difference = await host.must(`spec_difference ${good} web`);
			expect(difference).toContain('configmap settings has another content than then, in mode');
			expect(difference).toContain('secret password has another content than then, in password');
			expect(difference).not.toContain('another content than then, in mode right');
			expect(await host.must('revision= deployment= plan_changes', { kept: `web@${good}` })).toContain(
				'web\trecreate\tthe same image, with other settings',
			);
			await host.must('note_containers');
			const from_dir = host.restore;
			const said = await host.must(`roll_back_to_spec ${good} web && wait_converged 150 1 web`);
			expect(said).toContain('configmap settings has its content of then again');
			expect(said).toContain('web: its pods are made anew');
			expect(await deployment.kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.mode}')).toBe('right');
			expect((await deployment.pods('web')).filter((pod) => before.includes(pod.name))).toEqual([]);
			// What makes pods anew is no difference between specs.
			expect(await host.must(`roll_back_to_spec ${good} web`)).toBe('web: is as it was then');
			host.nextRun();
			expect(await host.must('service_differences', { from_dir })).toBe(
				'configmap settings has another content than then, in mode\nsecret password has another content than then, in password',
			);
		},
	);

	test('runs a Job as a step: its log, its failure, its end', long, async ({ openDeployment, openOn }) => {
		const deployment = await openDeployment();
		const host = openOn(deployment.namespace);
		const job = (name: string, script: string) =>
			writeFileSync(
				join(host.state, `${name}.yaml`),
				`apiVersion: batch/v1
kind: Job
metadata: { name: ${name} }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      containers: [{ name: job, image: '${image('1')}', imagePullPolicy: Never, command: [sh, -c, '${script}'] }]
`,
			);
		job('good', 'echo the backup is restored');
		job('bad', 'echo no backup; exit 3');
		job('slow', 'sleep 600');
		const good = await host.must(`job_from_file ${host.state}/good.yaml 120`);
		expect(good).toBe('the backup is restored\nthe Job good has completed');
		const bad = await host.run(`job_from_file ${host.state}/bad.yaml 120`);
		expect(bad).toMatchObject({ code: 1, text: expect.stringContaining('no backup\nthe Job bad has failed') });
		const slow = await host.run(`job_from_file ${host.state}/slow.yaml 5`);
		expect(slow).toMatchObject({ code: 1, text: expect.stringContaining('the Job slow has not ended within 5 s') });
		expect(await deployment.kubectl('get', 'job', 'slow', '-o', 'jsonpath={.spec.parallelism}')).toBe('0');
	});
});
