import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { createKubernetesEngine } from '../../../src/engines/kubernetes/engine.ts';
import { explainKubectl } from '../../../src/engines/kubernetes/explain.ts';
import kubectl from '../../../src/engines/kubernetes/kubectl.sh';
import { kubernetesSurvey, readNamespaces } from '../../../src/engines/kubernetes/survey/kubernetes-survey.ts';
import { createContainerCache } from '../../../src/services/checks/container-cache.ts';
import { containers } from '../../../src/services/checks/containers.ts';
import { converged } from '../../../src/services/checks/converged.ts';
import { LocalHost } from '../../../src/services/host/local-host.ts';
import { createInstanceModel } from '../../../src/services/instances/instance-model.ts';
import { logLines } from '../../../src/services/logs/log-lines.ts';
import { loadConfig } from '../../../src/services/runbook-file/load-config.ts';
import { exec } from '../../lab/exec.ts';
import { ago, deploymentOf, nodeOf, openPlayedCluster, type PlayedCluster, podOf, statusOf } from './played-cluster.ts';

let cluster: PlayedCluster;
let host: LocalHost;
let engine: Engine;
beforeEach(() => {
	cluster = openPlayedCluster();
	host = new LocalHost({ env: { ...process.env, ...cluster.environment } });
	engine = createKubernetesEngine(host, { project: 'shop', directory: '/', kubernetes: { namespace: 'shop' } });
	cluster.put([...deploymentOf('web'), podOf('web-1', 'web'), nodeOf('one')]);
});
afterEach(async () => {
	await host.close();
	cluster.close();
});

const refused = (kind: string) =>
	`Error from server (Forbidden): ${kind} is forbidden: User "ana" cannot list resource "${kind.split('.')[0]}" in API group "" in the namespace "shop"`;

describe('a login that may not list', () => {
	test('nodes and events sees the pods all the same, and is told what it does not see', async () => {
		cluster.set('forbidden', `${refused('nodes')}\n${refused('events')}`);
		expect(await engine.list()).toHaveLength(1);
		await expect(engine.nodes?.()).rejects.toThrow('this login may not list the nodes of the cluster');
	});

	test('what a deployment is made of is told what it may not, and what to do', async () => {
		cluster.set('forbidden', refused('replicasets.apps'));
		await expect(engine.list()).rejects.toMatchObject({
			message: 'cannot read the deployment: this login may not list replicasets',
			next: expect.stringContaining('kubectl -n shop auth can-i --list'),
		});
		expect(await engine.desired()).toMatchObject({ unreadable: expect.stringContaining('may not list replicasets') });
		expect((await engine.deployment()).unknown).toContain('may not list replicasets');
	});
});

describe.each([
	[
		'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?',
		'the API server does not answer (The connection to the server 10.0.0.1:6443 was refused)',
	],
	['error: You must be logged in to the server (Unauthorized)', 'the cluster does not know this login'],
	['error: context "prod" does not exist', 'the kubeconfig has no such context'],
	['error: stat /nowhere: no such file or directory', 'kubectl has no usable kubeconfig'],
	['Unable to connect to the server: x509: certificate signed by unknown authority', 'is not accepted'],
])('where kubectl says %j', (said, told) => {
	test('nothing is known, and the check is unknown, not failed', async () => {
		cluster.set('refusal', said);
		await expect(engine.list()).rejects.toThrow(told);
		await expect(engine.rollouts?.()).rejects.toMatchObject({ code: 'failed', next: expect.stringMatching(/\.$/) });
	});
});

test('an API server that says nothing at all is told from a host that is slow', () => {
	const error = explainKubectl('h', 'cannot read the deployment', '', 124, { namespace: 'shop' });
	expect(error.message).toBe(
		'cannot read the deployment: the API server does not answer (it was asked, and said nothing before the time was over)',
	);
	expect(error.next).toContain('kubectl -n shop get --raw /readyz');
});

test('a rollout passes its check when all pods are of the present revision, and says how long they have been', async () => {
	const context = { engine } as Parameters<typeof converged.run>[1]['context'];
	const check = converged.run({ except: [] } as never, { context } as never);
	const { state, since = 0 } = await check(AbortSignal.timeout(20_000));
	expect(state).toBe('passed');
	expect(Date.now() - since).toBeGreaterThan(50_000);
});

test('a pod for which no node has room is not well, and not beyond hope: the scheduler tries again', async () => {
	const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' }];
	cluster.put([...deploymentOf('web'), podOf('web-1', 'web', { status: { phase: 'Pending', conditions } })]);
	const instances = createInstanceModel(engine);
	const context = { engine, host, instances, target: { directory: '/' } };
	const snapshots = createContainerCache(context, {});
	const outcome = await containers.run(
		{ except: [] } as never,
		{ context, snapshots } as never,
	)(AbortSignal.timeout(20_000));
	expect(outcome).toMatchObject({ state: 'failed', reason: 'web is created, Unschedulable: no room' });
	expect(outcome.hopelessSince).toBeUndefined();
});

describe('the log of a pod', () => {
	const read = async (id: string, options: Parameters<typeof logLines>[2]) => {
		const lines: string[] = [];
		for await (const { text } of logLines(engine, { id, tty: false }, options)) {
			lines.push(text);
		}
		return lines;
	};
	const at = (seconds: number, nanos = '000000000') => `2026-01-01T00:00:0${seconds}.${nanos}Z`;

	test('is that of all its containers by their times, and begins with the run before a restart', async () => {
		const terminated = { exitCode: 1, startedAt: ago(90_000), finishedAt: ago(80_000) };
		cluster.put([
			...deploymentOf('web'),
			podOf('web-1', 'web', {
				status: {
					phase: 'Running',
					containerStatuses: [
						statusOf({ running: { startedAt: ago(60_000) } }, { restartCount: 1, lastState: { terminated } }),
						statusOf({ running: { startedAt: ago(60_000) } }, { name: 'side' }),
						statusOf({ waiting: { reason: 'ContainerCreating' } }, { name: 'late' }),
					],
				},
			}),
		]);
		cluster.write('web-1', `${at(1)} why it ended`, 'main.before');
		cluster.write('web-1', `${at(3)} up again`);
		cluster.write('web-1', `${at(2)} beside`, 'side');
		expect(await read('p-web-1', {})).toEqual(['why it ended', '[side] beside', 'up again']);
		expect(await read('p-web-1', { tail: 2 })).toEqual(['[side] beside', 'up again']);
	});

	test('begins and ends to the nanosecond, though the cluster knows whole seconds', async () => {
		for (const [nanos, text] of [
			['100000000', 'one'],
			['200000000', 'two'],
			['300000000', 'three'],
		] as const) {
			cluster.write('web-1', `${at(5, nanos)} ${text}`);
		}
		const second = BigInt(Date.parse(at(5, '000'))) * 1_000_000n;
		expect(await read('p-web-1', { since: second + 100_000_001n, until: second + 200_000_000n })).toEqual(['two']);
	});

	test('of a pod that is gone says so', async () => {
		await expect(read('p-web-9', {})).rejects.toThrow('the pod is gone');
	});
});

test('a cluster without metrics says so once, and is not asked again for each pod', async () => {
	const first = async () => engine.usage('p-web-1', { once: true }).next();
	await expect(first()).rejects.toThrow('the cluster serves no metrics, so the usage of pods is not known');
	cluster.set(
		'metrics',
		'{"items":[{"metadata":{"name":"web-1"},"containers":[{"usage":{"cpu":"1","memory":"1Ki"}}]}]}',
	);
	await expect(first()).rejects.toThrow('the cluster serves no metrics');
	const all = engine.usageOfAll(() => ['p-web-1'], { signal: AbortSignal.timeout(20_000) });
	expect(await all.next()).toMatchObject({ done: true });
});

test('usage is no figure any more when the metrics are gone', async () => {
	const usage = { items: [{ metadata: { name: 'web-1' }, containers: [use('250m', '64Mi')] }] };
	cluster.set('metrics', JSON.stringify(usage));
	const all = engine.usageOfAll(() => ['p-web-1', 'p-web-2'], { signal: AbortSignal.timeout(60_000) });
	const figures = { cpuPercent: 25, memoryBytes: 64 * 1024 * 1024 };
	expect([...((await all.next()).value ?? [])]).toEqual([
		['p-web-1', figures],
		['p-web-2', {}],
	]);
	cluster.set('metrics', '');
	expect([...((await all.next()).value ?? [])]).toEqual([
		['p-web-1', {}],
		['p-web-2', {}],
	]);
	expect(await all.next()).toMatchObject({ done: true });
});

test('usage is that of all containers of a pod, in the units of the cluster', async () => {
	const usage = { items: [{ metadata: { name: 'web-1' }, containers: [use('250m', '64Mi'), use('1500000n', '1Ki')] }] };
	cluster.set('metrics', JSON.stringify(usage));
	const { value } = await engine.usage('p-web-1', { once: true }).next();
	expect(value).toEqual({ cpuPercent: expect.closeTo(25.15), memoryBytes: 64 * 1024 * 1024 + 1024 });
});

const use = (cpu: string, memory: string) => ({ usage: { cpu, memory } });

test.for([
	['is cut without a word', (): void => {}],
	['ends at once each time', (): void => cluster.endWatches()],
] as const)('a change is found by a look where the watch %s', async ([, breakIt]) => {
	breakIt();
	const before = [...deploymentOf('web'), podOf('web-1', 'web')];
	cluster.put(before);
	const opened = Promise.withResolvers<void>();
	const signal = AbortSignal.timeout(50_000);
	const events = engine.events({ signal, onOpen: opened.resolve });
	const next = events.next();
	await opened.promise;
	cluster.put([...before, podOf('web-2', 'web')], false);
	expect(await next).toMatchObject({ value: { id: 'p-web-2', action: 'create' } });
	await events.return();
});

describe('kubectl', () => {
	let home: string;
	beforeEach(() => {
		home = mkdtempSync(join(tmpdir(), 'backout-kubectl-home-'));
	});
	afterEach(() => rmSync(home, { recursive: true }));

	const program = (name: string) => {
		mkdirSync(join(home, 'bin'), { recursive: true });
		writeFileSync(join(home, 'bin', name), `#!/bin/sh\necho ${name} "$@"\n`);
		chmodSync(join(home, 'bin', name), 0o755);
	};
	const call = async (environment: Readonly<Record<string, string>> = {}) => {
		const env = { PATH: `${home}/bin`, HOME: home, kube_namespace: 'shop', ...environment };
		const { stdout, stderr } = await exec('/bin/sh', ['-s'], { input: `${kubectl}\nkube get pods\n`, env });
		return `${stdout}${stderr}`.trim();
	};

	test('is that of the host, with the place of the deployment', async () => {
		program('kubectl');
		expect(await call({ KUBECONFIG: '/etc/mine' })).toBe('kubectl --namespace=shop get pods');
		expect(await call({ kube_context: 'prod', kube_config: '~/prod.yaml' })).toBe(
			`kubectl --kubeconfig=${home}/prod.yaml --context=prod --namespace=shop get pods`,
		);
	});

	test('is part of k3s where there is no other', async () => {
		program('k3s');
		expect(await call()).toBe('k3s kubectl --namespace=shop get pods');
	});
});

test('init finds namespaces, and the releases of one that has several', () => {
	const found = readNamespaces('shop\t-\t3\t/srv/shop\nshared\tblog\t2\t/root\nshared\twiki\t1\t/root\n');
	expect(found.map(({ name, containers, directory }) => [name, containers, directory])).toEqual([
		['shop', 3, '/srv/shop'],
		['shared', 3, '/root'],
		['shared/app.kubernetes.io/instance=blog', 2, '/root'],
		['shared/app.kubernetes.io/instance=wiki', 1, '/root'],
	]);
});

test('init writes a config that names the deployment as it was found', () => {
	const project = 'shared/app.kubernetes.io/instance=blog';
	const facts = { name: 'blog', host: 'h', directory: '/srv', project, runbook: './blog.yaml', hasFolder: true };
	const { targets } = loadConfig(kubernetesSurvey.config(facts), 'backout.yaml', {
		readRunbook: () => ({ text: 'title: T', file: 'blog.yaml' }),
	});
	expect(targets[0]).toMatchObject({
		engine: 'kubernetes',
		project,
		kubernetes: { namespace: 'shared', selector: 'app.kubernetes.io/instance=blog' },
	});
});

test('a shell is opened in a pod by its id alone', () => {
	expect(() => engine.shellIn('$(reboot)')).toThrow(TypeError);
	expect(engine.shellIn('1b2c-3d')).toContain('--namespace=shop');
});
