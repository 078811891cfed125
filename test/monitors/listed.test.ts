import { expect, test } from 'vitest';
import type { DesiredState } from '../../src/engine/desired.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Instance } from '../../src/engine/instance.ts';
import { desiredOf } from '../../src/engines/compose/desired.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import { type ContainerReading, isSettled, notReadYet, type Reading, unread } from '../../src/runbook/reading.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { watchInstances } from '../../src/services/instances/instance-watch.ts';
import { watchContainers } from '../../src/services/monitors/containers.ts';
import { closely } from '../../src/services/monitors/poll-rate.ts';
import { createStore } from '../../src/stores/store.ts';

const words: Readonly<Record<string, string>> = {
	web: 'Up 3 minutes (healthy)',
	worker: 'Up 3 minutes (health: starting)',
	task: 'Exited (0) 2 hours ago',
};
const statusOf = (name: string) => (name === 'task' ? 'exited' : 'running');

/** A Docker that lists at once, and inspects when it is let. */
const slowToInspect = (host: LocalHost) => {
	const { promise: mayInspect, resolve: inspect } = Promise.withResolvers<void>();
	const calls = {
		list: async () =>
			Object.entries(words).map(([name, said]) => ({
				id: name,
				name,
				service: name,
				status: statusOf(name),
				words: said,
			})),
		inspect: async (id: string) => {
			await mayInspect;
			return {
				...{
					id,
					name: id,
					service: id,
					status: statusOf(id),
					health: id === 'task' ? undefined : 'healthy',
					probes: [],
				},
				...{
					exitCode: 0,
					oomKilled: false,
					error: '',
					restarts: 2,
					createdAt: 1,
					startedAt: 1,
					image: 'x',
					imageId: '',
				},
				...{ tty: false, restartPolicy: 'no', publishesPorts: false, labels: {} },
			} as Instance;
		},
	};
	const until = async function* ({ signal }: { signal: AbortSignal }) {
		await new Promise((resolve) => signal.addEventListener('abort', resolve));
	};
	const engine = {
		...calls,
		host,
		clock: { now: () => Date.now(), toLocal: (at: number) => at },
		events: until,
		usage: until,
		image: async () => undefined,
		streams: () => true,
	} as unknown as Engine;
	return { engine, inspect };
};

test('what the list says is there before the inspections are, and is not taken for all there is to know', async () => {
	const host = new LocalHost();
	const { engine, inspect } = slowToInspect(host);
	const store = createStore<Reading<readonly ContainerReading[]>>(unread(1000));
	const services = { web: {}, worker: {}, task: { restart: 'no' } };
	const { promise: model, resolve: answer } = Promise.withResolvers<{ desired: DesiredState; main: string[] }>();
	const watched = { engine, host, instances: createInstanceModel(engine) };
	const monitor = watchContainers(watched, store, closely, () => model);
	const watch = watchInstances(watched);
	await expect.poll(() => store.get().value?.length).toBe(3);
	const listed = store.get();
	expect(listed.value?.map(({ service, status, health, state }) => [service, status, health, state])).toEqual([
		['web', 'running', 'healthy', 'unknown'],
		['task', 'exited', undefined, 'unknown'],
		['worker', 'running', 'starting', 'unknown'],
	]);
	expect([listed.state, listed.reason, isSettled(listed)]).toEqual(['unknown', notReadYet, false]);
	inspect();
	// An ended one may be a finished job: only Compose can tell.
	await expect.poll(() => store.get().value?.map(({ state }) => state)).toEqual(['ok', 'unknown', 'ok']);
	expect(isSettled(store.get())).toBe(false);
	answer({ desired: desiredOf(parseModel(JSON.stringify({ name: 'x', services }))), main: [] });
	await expect.poll(() => isSettled(store.get())).toBe(true);
	expect(store.get().value?.map(({ service, restarts, state }) => [service, restarts, state])).toEqual([
		['web', 2, 'ok'],
		['task', 2, 'ok'],
		['worker', 2, 'ok'],
	]);
	watch.stop();
	monitor.stop();
	await host.close();
});

test('where the runbook names no service of the project, the one that matters by its files comes first', async () => {
	const host = new LocalHost();
	const { engine, inspect } = slowToInspect(host);
	const store = createStore<Reading<readonly ContainerReading[]>>(unread(1000));
	const services = {
		web: { image: 'nginx', ports: [{ target: 80, published: '80' }], depends_on: { worker: {} } },
		worker: { image: 'shop', depends_on: { db: {} }, ports: [{ target: 80, published: '8080' }] },
		db: { image: 'postgres' },
		task: {},
	};
	const desired = desiredOf(parseModel(JSON.stringify({ name: 'x', services })));
	const watched = { engine, host, instances: createInstanceModel(engine) };
	const monitor = watchContainers(watched, store, closely, async () => ({ desired, main: [] }), 'app');
	const watch = watchInstances(watched);
	inspect();
	await expect.poll(() => store.get().value?.map(({ service }) => service)).toEqual(['worker', 'task', 'web']);
	watch.stop();
	monitor.stop();
	await host.close();
});

test('the main service comes first, from the first list on', async () => {
	const host = new LocalHost();
	const { engine, inspect } = slowToInspect(host);
	const store = createStore<Reading<readonly ContainerReading[]>>(unread(1000));
	const watched = { engine, host, instances: createInstanceModel(engine) };
	const monitor = watchContainers(watched, store, closely, undefined, 'worker');
	const watch = watchInstances(watched);
	const services = () => store.get().value?.map(({ service }) => service);
	await expect.poll(services).toEqual(['worker', 'task', 'web']);
	inspect();
	await expect.poll(() => store.get().value?.map(({ restarts }) => restarts)).toEqual([2, 2, 2]);
	expect(services()).toEqual(['worker', 'task', 'web']);
	watch.stop();
	monitor.stop();
	await host.close();
});
