import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { InstanceEvent } from '../../src/engine/instance.ts';
import { createSwarmEngine } from '../../src/engines/swarm/engine.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { must } from '../lab/exec.ts';
import { baseImage } from './harness/base-image.ts';
import { engineEnv, type OwnEngine, startOwnEngine } from './harness/engine.ts';
import { test as engineTest, withoutEngine } from './harness/index.ts';

// A swarm of one node, in an engine of its own: the kernel may have no IP_VS, so services have no virtual address and publish nothing.
const test = engineTest.skipIf(withoutEngine !== undefined);

let own: OwnEngine | undefined;
let host: LocalHost;
let folder: string;
let env: Record<string, string | undefined>;

const docker = (...args: string[]) => must('docker', args, { env });

const service = (name: string, command: string, deploy = '') =>
	`  ${name}:\n    image: ${baseImage}\n    command: ["sh", "-c", ${JSON.stringify(command)}]\n    stop_grace_period: 1s\n    deploy: { endpoint_mode: dnsrr${deploy} }\n`;

/** Deploys a stack, and gives its engine. */
const deploy = async (stack: string, ...services: string[]): Promise<Engine> => {
	const file = join(folder, `${stack}.yml`);
	writeFileSync(file, `version: "3.8"\nservices:\n${services.join('')}`);
	await docker('stack', 'deploy', '--resolve-image', 'never', '-c', file, stack);
	return createSwarmEngine(host, { project: stack, directory: folder });
};

const states = async (engine: Engine) =>
	(await engine.list())
		.map(({ service: name, status, words }) => `${name} ${words.includes('health: starting') ? 'starting' : status}`)
		.toSorted();

beforeAll(async () => {
	if (withoutEngine !== undefined) {
		return;
	}
	folder = mkdtempSync(join(tmpdir(), 'backout-stack-'));
	own = await startOwnEngine();
	env = engineEnv(own.socket, own.path);
	await docker('swarm', 'init', '--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1:0');
	host = new LocalHost({ env: { ...process.env, ...env } });
});

afterAll(async () => {
	if (withoutEngine === undefined) {
		await host?.close();
		await own?.stop();
		rmSync(folder, { recursive: true });
	}
});

test('a stack is listed, described, logged and measured', async ({ expect }) => {
	const engine = await deploy(
		'shop',
		service('web', 'while :; do echo hello; sleep 1; done', ', replicas: 2'),
		service('every', 'sleep 1000', ', mode: global'),
	);
	await expect.poll(() => states(engine)).toEqual(['every running', 'web running', 'web running']);
	const [web] = (await engine.list()).filter(({ name }) => name === 'shop_web.1');
	const id = web?.id ?? '';
	const instance = await engine.inspect(id);
	expect(instance).toMatchObject({ service: 'web', restarts: 0, project: 'shop', image: baseImage });
	expect(instance?.node).toBe((await engine.nodes?.())?.[0]?.name);
	expect((await engine.desired()).desired?.services.map(({ name, replicas }) => [name, replicas])).toEqual([
		['every', 1],
		['web', 2],
	]);
	expect(await engine.describe(id)).toMatchObject({
		command: ['sh', '-c', 'while :; do echo hello; sleep 1; done'],
		networks: ['shop_default'],
		image: { tags: [baseImage] },
	});
	const use = await engine.usage(id, { once: true }).next();
	expect(use.value).toMatchObject({ memoryBytes: expect.any(Number) });
	let log = '';
	for await (const { bytes } of engine.logs(id, { tail: 1, timestamps: true })) {
		log += bytes.toString();
	}
	expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z hello\n$/);
	const rollouts = await engine.rollouts?.();
	expect(rollouts?.map(({ service: name, desired, current, earlier }) => [name, desired, current, earlier])).toEqual([
		['every', 1, 1, 0],
		['web', 2, 2, 0],
	]);
});

test('what happens to tasks is told as it happens, and the log of one that ends, ends', async ({ expect }) => {
	const engine = await deploy('told', service('web', 'echo up; sleep 1000'));
	await expect.poll(() => states(engine)).toEqual(['web running']);
	const [first] = await engine.list();
	const over = new AbortController();
	const told: InstanceEvent[] = [];
	const listening = Promise.withResolvers<void>();
	const listen = async () => {
		for await (const event of engine.events({ signal: over.signal, onOpen: listening.resolve })) {
			told.push(event);
		}
	};
	listen().catch(() => {});
	await listening.promise;
	const lines: string[] = [];
	const reading = (async () => {
		for await (const { bytes } of engine.logs(first?.id ?? '', { follow: true, tty: false })) {
			lines.push(bytes.toString());
		}
	})();
	await docker('service', 'update', '-d', '-q', '--force', 'told_web');
	const actions = (of: (id: string) => boolean) => told.filter(({ id }) => of(id)).map(({ action }) => action);
	await expect.poll(() => actions((id) => id !== first?.id)).toEqual(['create', 'start']);
	await expect.poll(() => actions((id) => id === first?.id)).toEqual(['kill', 'die', 'destroy']);
	await reading;
	expect(lines.join('')).toBe('up\n');
	over.abort(new Error('enough'));
	await expect
		.poll(async () => (await engine.rollouts?.())?.[0])
		.toMatchObject({
			current: 1,
			earlier: 0,
			update: { state: 'completed' },
		});
});

test('a bad update that pauses is seen as it is: two specifications, and why', async ({ expect }) => {
	const engine = await deploy(
		'stuck',
		service(
			'web',
			'sleep 1000',
			', replicas: 2, restart_policy: { delay: 1s }, update_config: { delay: 120s, monitor: 30s }',
		),
	);
	await expect.poll(() => states(engine)).toEqual(['web running', 'web running']);
	await docker('service', 'update', '-d', '-q', '--args', 'false', 'stuck_web');
	const rollout = async () => (await engine.rollouts?.())?.[0];
	await expect.poll(rollout).toMatchObject({ desired: 2, current: 0, earlier: 1, update: { state: 'paused' } });
	await expect.poll(async () => (await rollout())?.restarting.join()).toMatch(/^web\.\d: exit code 1, tried/);
});

test('a plan says what another image changes, and rests on what the services are', async ({ expect }) => {
	const engine = await deploy('plan', service('web', 'sleep 1000'));
	await expect.poll(() => states(engine)).toEqual(['web running']);
	const plan = () =>
		engine.planChanges({
			procedure: {
				id: 'back',
				title: 'Back',
				group: '',
				when: '',
				risk: 'disruptive',
				inputs: [{ name: 'image', title: 'Image', type: 'image', choices: '', preset: 'none' }],
				preconditions: [],
				previews: [],
				steps: [{ id: 'a', title: 'A', kind: 'run', script: 'true', timeoutMs: 1000, mayFail: false }],
				interrupts: [],
				restorePoint: false,
				recreates: { image: 'image' },
				expects: { service: 'web', image: 'image' },
				verify: [],
				notes: [],
			},
			chosen: { image: 'shop:2' },
			allowed: [],
			environment: {},
		});
	const before = await plan();
	expect(before.preconditions).toMatchObject([{ id: 'deployment', state: 'passed', detail: 'stack plan, 1 services' }]);
	expect(before.changes).toEqual([
		{ service: 'web', action: 'recreate', interrupted: true, why: [`image ${baseImage}, then shop:2`] },
	]);
	expect(before.services).toEqual([{ service: 'web', image: 'shop:2', replicas: 1 }]);
	expect(before.ground).toMatch(/^service: /m);
	await docker('service', 'update', '-d', '-q', '--force', 'plan_web');
	expect((await plan()).ground).not.toBe(before.ground);
	expect(before.notes[0]).toMatch(/no digest/);
});

test('a stack that is not there is not known', async ({ expect }) => {
	const engine = createSwarmEngine(host, { project: 'gone', directory: folder });
	expect((await engine.deployment()).unknown).toBeUndefined();
	expect((await engine.desired()).unreadable).toMatch(/no service of the stack gone/);
});
