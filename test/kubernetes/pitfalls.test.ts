import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { type Deployment, kubernetesTest as test, withoutCluster } from './harness/index.ts';

const long = { tags: ['long'] };
const consent = ['--yes', '--reason', 'test'];
const two = (version: '1' | '2') => [image(version), image(version)];
const read = (deployment: Deployment, path: string) =>
	deployment.kubectl('get', 'deployment', 'web', '-o', `jsonpath={${path}}`);

/** Two versions of web, one after the other: both run well. */
const secondVersion = async (deployment: Deployment): Promise<void> => {
	await deployment.apply({ web: '1', note: 'first' });
	await deployment.runs('web', two('1'));
	await deployment.apply({ web: '2' });
	await deployment.runs('web', two('2'));
};

describe.skipIf(withoutCluster !== undefined)('a rollback on Kubernetes', () => {
	test('is refused where Argo CD would put the bad version back', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await secondVersion(deployment);
		await deployment.kubectl(
			'annotate',
			'deployment',
			'web',
			'argocd.argoproj.io/tracking-id=shop:apps/Deployment:a/web',
		);
		const refused = await openFor(deployment).backout('run', 'rollback-revision', ...consent);
		expect(refused.text).toMatch(/it would be put back: web: Argo CD, application shop/);
		expect(refused.code).not.toBe(0);
		await deployment.runs('web', two('2'));
	});

	test(
		'leaves the number of pods to an autoscaler, and looks at rights first',
		long,
		async ({ cluster, openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await secondVersion(deployment);
			await deployment.kubectl('autoscale', 'deployment', 'web', '--min', '2', '--max', '4');
			const place = openFor(deployment);
			const scale = await place.backout(
				'run',
				'scale-workload',
				'--input',
				'scaled=web',
				'--input',
				'pods=3',
				...consent,
			);
			expect(scale.text).toMatch(/belongs to the autoscaler/);
			expect(scale.code).not.toBe(0);
			expect(await read(deployment, '.spec.replicas')).toBe('2');

			await deployment.kubectl('create', 'rolebinding', 'ben', '--clusterrole=view', '--user=ben');
			const viewer = openFor(deployment, { token: 'ben-token' });
			const doctor = await viewer.backout('doctor');
			expect(doctor.text).toMatch(/may not patch/);
			const refused = await viewer.backout('run', 'rollback-revision', ...consent);
			expect(refused.text).toMatch(/may not patch .*deployments/);
			expect(refused.code).not.toBe(0);
			expect(await cluster.kubectl('-n', deployment.namespace, 'rollout', 'history', 'deployment', 'web')).not.toMatch(
				/\b3\b/,
			);
			await deployment.runs('web', two('2'));
		},
	);
});
