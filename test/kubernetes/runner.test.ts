import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { must } from '../lab/exec.ts';
import { image } from '../nodes/images.ts';
import { addressOf } from '../nodes/network.ts';
import { type Deployment, type OwnCluster, ownClusterTest as test, withoutCluster } from './harness/index.ts';
import { makeRunnerImage, runnerImage } from './harness/runner-image.ts';
import { idIn, runTo } from './harness/steps.ts';

const long = { tags: ['long'] };
const consent = ['--yes', '--reason', 'test'];
const two = (version: '1' | '2') => [image(version), image(version)];
const example = join(import.meta.dirname, '../../docs/examples/kubernetes-runner.yaml');

/** The Job of the documentation, in the namespace of a deployment, and how ssh reaches it. */
const startRunner = async (cluster: OwnCluster, deployment: Deployment, folder: string) => {
	await makeRunnerImage(cluster.nodes, folder);
	await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')]);
	const volume = join(folder, 'volume');
	await must('install', ['-d', '-o', '1000', '-g', '1000', volume]);
	const { namespace, kubectl } = deployment;
	const server = `https://${addressOf(cluster.control.number)}:6443`;
	const manifest = readFileSync(example, 'utf8')
		.replaceAll('namespace: shop', `namespace: ${namespace}`)
		.replace('ssh-ed25519 AAAA… ana@example.net', readFileSync(join(folder, 'id.pub'), 'utf8').trim())
		.replace('image: backout-runner:1', `image: ${runnerImage}\n          imagePullPolicy: Never`)
		.replace("'https://$address:$KUBERNETES_SERVICE_PORT'", server)
		// The lab's API server has made its certificate itself.
		.replace('certificate-authority: $account/ca.crt', 'insecure-skip-tls-verify: true');
	const file = join(folder, 'runner.yaml');
	writeFileSync(file, manifest);
	const disk = join(folder, 'volume.yaml');
	writeFileSync(
		disk,
		`apiVersion: v1
kind: PersistentVolume
metadata: { name: ${namespace} }
spec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], hostPath: { path: ${volume} }, claimRef: { namespace: ${namespace}, name: backout-runner } }
`,
	);
	const start = async (): Promise<void> => {
		await kubectl('apply', '-f', file);
		await kubectl('wait', '--for=condition=Ready', 'pod', '-l', 'app=backout-runner', '--timeout=180s');
	};
	await cluster.kubectl('apply', '-f', disk);
	await start();
	const inPod = (...words: string[]) => kubectl('exec', 'job/backout-runner', '--', ...words);
	const key = await expect.poll(() => inPod('cat', '/home/backout/host_key.pub').catch(() => ''), { timeout: 60_000 });
	await key.toMatch(/^ssh-ed25519 /);
	writeFileSync(join(folder, 'known_hosts'), `shop-runner ${await inPod('cat', '/home/backout/host_key.pub')}\n`);
	writeFileSync(
		join(folder, 'ssh_config'),
		`Host shop-runner
	User backout
	ProxyCommand kubectl -n ${namespace} exec -i job/backout-runner -- /usr/sbin/sshd -i -f /etc/backout/sshd_config
`,
	);
	const [identity, known, config] = ['id', 'known_hosts', 'ssh_config'].map((name) => join(folder, name));
	return {
		start,
		stop: async () => {
			await kubectl('delete', 'job', 'backout-runner', '--cascade=foreground');
			await kubectl('wait', '--for=delete', 'pod', '-l', 'app=backout-runner', '--timeout=120s').catch(() => {});
		},
		inPod,
		options: {
			host: 'shop-runner',
			state: '/home/backout/runs',
			target: `    sshConfig: ${config}\n    identityFile: ${identity}\n    knownHosts: ${known}\n`,
		},
	};
};

describe.skipIf(withoutCluster !== undefined)('a Job of the cluster as the host', () => {
	test(
		'runs outlive their client and the Job, and other hosts see their lock',
		long,
		async ({ cluster, openDeployment, openFor }) => {
			const folder = mkdtempSync(join(tmpdir(), 'backout-runner-'));
			const deployment = await openDeployment();
			try {
				const runner = await startRunner(cluster, deployment, folder);
				await deployment.apply({ web: '1', note: 'first' });
				await deployment.runs('web', two('1'));
				await deployment.apply({ web: '2' });
				await deployment.runs('web', two('2'));
				const place = openFor(deployment, runner.options);
				const makeDirectory = () => runner.inPod('mkdir', '-p', join(place.folder, 'clone'));
				await makeDirectory();
				const doctor = await place.backout('doctor');
				expect(doctor.code, doctor.text).toBe(0);

				await runTo(place, 'rollback-revision');
				await deployment.runs('web', two('1'));
				const undone = await place.backout('undo', 'last', ...consent);
				expect(undone.code, undone.text).toBe(0);
				await deployment.runs('web', two('2'));

				const held = await place.backout('run', 'hold', ...consent, '--detach');
				expect(held.code, held.text).toBe(0);
				const id = idIn(held.text);
				const elsewhere = openFor(deployment);
				const refused = await elsewhere.backout('run', 'rollback-revision', ...consent);
				expect(refused.code, refused.text).toBe(4);
				expect(refused.text).toMatch(new RegExp(`is locked by .* hold, run ${id} on backout-runner-`));
				expect((await elsewhere.backout('runs')).text).toMatch(
					new RegExp(`${id} .*unknown .*lives on backout-runner-`),
				);
				await runner.inPod('touch', join(place.folder, 'go'));
				const attached = await place.backout('attach', id);
				expect(attached.code, attached.text).toBe(0);
				await runTo(elsewhere, 'rollback-revision');

				const died = await place.backout('run', 'hold', ...consent, '--detach');
				await runner.stop();
				await runner.start();
				await makeDirectory();
				const runs = await place.backout('runs');
				expect(runs.text).toMatch(new RegExp(`${id} .*steps done`));
				expect(runs.text).toMatch(new RegExp(`${idIn(died.text)} .*(interrupted|unknown)`));
				// The new pod has another name. The lock of the dead run goes with the volume, so nobody has to give it up.
				const holder = ['-o', 'jsonpath={.spec.holderIdentity}'];
				expect(await deployment.kubectl('get', 'lease', 'backout-lock', ...holder)).toBe(idIn(died.text));
				const next = await place.backout('run', 'hold', ...consent, '--detach');
				expect(next.code, next.text).toBe(0);
				expect(await deployment.kubectl('get', 'lease', 'backout-lock', ...holder)).toBe(idIn(next.text));
				await runner.inPod('touch', join(place.folder, 'go'));
				const ended = await place.backout('attach', idIn(next.text));
				expect(ended.code, ended.text).toBe(0);
				expect(await deployment.kubectl('get', 'lease', 'backout-lock', ...holder)).toBe('');
			} finally {
				await cluster.kubectl('delete', 'pv', deployment.namespace, '--wait=false').catch(() => {});
				rmSync(folder, { recursive: true, force: true });
			}
		},
	);
});
