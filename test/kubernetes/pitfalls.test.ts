import { describe, expect } from 'vitest';
import { image } from '../nodes/images.ts';
import { type Deployment, kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { revert } from './harness/revert.ts';
import { runTo } from './harness/steps.ts';

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
	test('is undone', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await secondVersion(deployment);
		const place = openFor(deployment);
		await runTo(place, 'rollback-revision');
		await deployment.runs('web', two('1'));
		expect(await read(deployment, '.metadata.annotations.kubernetes\\.io/change-cause')).toMatch(/^backout: .*\d{8}T/);
		const undo = await place.backout('undo', 'last', ...consent);
		expect(undo.code, undo.text).toBe(0);
		await deployment.runs('web', two('2'));
		expect(await read(deployment, '.spec.template.metadata.annotations.note')).toBe('');
	});

	test('says what an apply after it would leave behind', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await secondVersion(deployment);
		const place = openFor(deployment);
		const plan = await place.backout('plan', 'rollback-revision');
		expect(plan.text).toContain('the next kubectl apply, also of an older file, is compared with the newer file');
		expect(plan.text).toMatch(/a file without these leaves them in the cluster.*annotations\.note/);
		expect(plan.text).toContain('no kept deployment has this pod template: configmap settings, secret password');
		await runTo(place, 'rollback-revision');
		await deployment.apply({ web: '2' });
		await deployment.runs('web', two('2'));
		// What the plan said: the newer file does not have it, and nobody has applied it last.
		expect(await read(deployment, '.spec.template.metadata.annotations.note')).toBe('first');
	});

	test('is refused where Argo CD would put the bad version back', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await secondVersion(deployment);
		await deployment.kubectl(
			'annotate',
			'deployment',
			'web',
			'argocd.argoproj.io/tracking-id=shop:apps/Deployment:a/web',
		);
		const allowed = openFor(deployment, { target: '    variables: { gitops: allow }\n' });
		const plan = await allowed.backout('plan', 'rollback-revision');
		expect(plan.code, plan.text).toBe(0);
		expect(plan.text).toContain('Note: It may be put back: web: Argo CD, application shop.');
		const refused = await openFor(deployment).backout('run', 'rollback-revision', ...consent);
		expect(refused.text).toMatch(/it would be put back: web: Argo CD, application shop/);
		expect(refused.code).not.toBe(0);
		await deployment.runs('web', two('2'));
	});

	test(
		'is refused where Flux would put the bad version back, and says how to suspend that',
		long,
		async ({ openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await secondVersion(deployment);
			const mark = (...marks: readonly string[]) => deployment.kubectl('label', 'deployment', 'web', ...marks);
			const flux = (controller: string, namespace: string) => [
				`${controller}.toolkit.fluxcd.io/name=shop`,
				`${controller}.toolkit.fluxcd.io/namespace=${namespace}`,
			];
			const place = openFor(deployment);
			const refused = async (why: string) => {
				const { code, text } = await place.backout('run', 'rollback-revision', ...consent);
				expect(text).toContain(why);
				expect(code, text).toBe(4);
			};
			await mark(...flux('kustomize', 'flux-system'));
			await refused(
				'it would be put back: web: Flux, Kustomization flux-system/shop. Revert in git, or suspend the synchronisation (flux suspend kustomization shop -n flux-system)',
			);
			const allowed = openFor(deployment, { target: '    variables: { gitops: allow }\n' });
			const plan = await allowed.backout('plan', 'rollback-revision');
			expect(plan.code, plan.text).toBe(0);
			expect(plan.text).toContain('Note: It may be put back: web: Flux, Kustomization flux-system/shop.');
			// Flux leaves an object with this mark alone.
			const alone = 'kustomize.toolkit.fluxcd.io/reconcile';
			await deployment.kubectl('annotate', 'deployment', 'web', `${alone}=disabled`);
			const left = await place.backout('plan', 'rollback-revision');
			expect(left.code, left.text).toBe(0);
			await deployment.kubectl('annotate', 'deployment', 'web', `${alone}-`);
			await mark('kustomize.toolkit.fluxcd.io/name-', 'kustomize.toolkit.fluxcd.io/namespace-');
			await mark(...flux('helm', 'shop'));
			await refused(
				'it would be put back: web: Flux, HelmRelease shop/shop, with its next upgrade or at once. Revert in git, or suspend the synchronisation (flux suspend helmrelease shop -n shop)',
			);
			await deployment.runs('web', two('2'));
		},
	);

	test('does not pass where a controller puts the other version back', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await secondVersion(deployment);
		const place = openFor(deployment, { target: '    variables: { workload_limit: 60 }\n' });
		const stop = revert(deployment, image('2'));
		try {
			const run = await place.backout('run', 'rollback-revision', ...consent);
			expect(run.code, run.text).not.toBe(0);
			expect(run.text).toMatch(/somebody|put back|changed/);
		} finally {
			expect(await stop()).toBeGreaterThan(0);
		}
		await deployment.runs('web', two('2'));
	});

	test('is done by one of two operators on two machines', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await secondVersion(deployment);
		const said = await Promise.all(
			[openFor(deployment), openFor(deployment)].map((place) => place.backout('run', 'rollback-revision', ...consent)),
		);
		const texts = said.map(({ text }) => text).join('\n----\n');
		expect(said.filter(({ code }) => code === 0).length, texts).toBe(1);
		expect(texts).toMatch(/is locked by|has changed|has that pod template already/);
		await deployment.runs('web', two('1'));
	});

	test(
		'says that an action of Helm has not ended, and what to do about it',
		long,
		async ({ openDeployment, openFor }) => {
			const deployment = await openDeployment();
			await secondVersion(deployment);
			const name = 'sh.helm.release.v1.shop.v2';
			const from = '--from-literal=release=none';
			await deployment.kubectl('create', 'secret', 'generic', name, '--type=helm.sh/release.v1', from);
			const made = `createdAt=${Math.round(Date.now() / 1000) - 600}`;
			const labels = ['owner=helm', 'name=shop', 'status=pending-upgrade', 'version=2', made];
			await deployment.kubectl('label', 'secret', name, ...labels);
			const said = /[Rr]elease shop is pending-upgrade for 1\d min \(revision 2\)/;
			const place = openFor(deployment);
			const plan = await place.backout('plan', 'rollback-revision');
			expect(plan.text).toMatch(said);
			expect(plan.text).toContain(`helm rollback shop --namespace ${deployment.namespace}`);
			expect((await place.backout('doctor')).text).toMatch(/Helm: warning: release shop is pending-upgrade/);
			const checklist = await place.backout('run', 'pre-deploy-checklist', ...consent);
			expect(checklist.code, checklist.text).toBe(1);
			expect(checklist.text).toMatch(said);
			const strict = openFor(deployment, { target: '    variables: { helm: refuse }\n' });
			const refused = await strict.backout('run', 'rollback-revision', ...consent);
			expect(refused.code, refused.text).toBe(4);
			await deployment.runs('web', two('2'));
			// The release that hangs is often the reason for a rollback.
			await runTo(place, 'rollback-revision');
			await deployment.kubectl('label', 'secret', name, '--overwrite', 'status=deployed');
			await runTo(place, 'pre-deploy-checklist');
		},
	);

	test('says what is missing where a surge has no room', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		const apart = '{ topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { part: web } } }';
		const pod = `      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [${apart}] } }\n`;
		const strategy = (surge: number, unavailable: number) => `{ maxSurge: ${surge}, maxUnavailable: ${unavailable} }`;
		const spec = `  strategy: { rollingUpdate: ${strategy(0, 1)} }\n`;
		await deployment.apply({ web: '1', pod, spec });
		await deployment.runs('web', two('1'));
		await deployment.apply({ web: '2', pod, spec });
		await deployment.runs('web', two('2'));
		await deployment.apply({ web: '2', pod, spec: `  strategy: { rollingUpdate: ${strategy(1, 0)} }\n` });
		const place = openFor(deployment, { target: '    variables: { workload_limit: 20 }\n' });
		const run = await place.backout('run', 'rollback-revision', ...consent);
		const why = /web-\S+: Unschedulable: 0\/2 nodes are available.*make room, or raise maxUnavailable/;
		expect(run.text).toMatch(new RegExp(`not converged within the time: web: .*${why.source}`));
		expect(run.code, run.text).toBe(1);
		const verified = await place.backout('verify');
		expect(verified.text).toMatch(new RegExp(`Converged: failed, .*${why.source}`));
		expect(verified.code).toBe(1);
		const change = `{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}`;
		await deployment.kubectl('patch', 'deployment', 'web', '-p', change);
		const after = await place.backout('verify', '--wait', '3m');
		expect(after.code, after.text).toBe(0);
		await deployment.runs('web', two('1'));
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
