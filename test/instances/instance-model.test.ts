import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { Instance, InstanceSummary } from '../../src/engine/instance.ts';
import type { InstanceChange } from '../../src/services/instances/instance-change.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';

const { signal } = new AbortController();
const listed = (id: string, words = 'Up 3 minutes'): InstanceSummary => ({
	id,
	name: id,
	service: id,
	status: 'running',
	words,
});
const instance = (id: string, more: Partial<Instance> = {}) =>
	({ id, name: id, service: id, status: 'running', probes: [], restarts: 0, ...more }) as Instance;

/** An engine with these instances that answers inspections when it is told to. */
const slow = (...ids: readonly string[]) => {
	const open: ((instance: Instance | undefined) => void)[] = [];
	const asked: string[] = [];
	const engine = {
		list: async () => {
			asked.push('list');
			return ids.map((id) => listed(id));
		},
		inspect: (id: string) => {
			asked.push(id);
			return new Promise<Instance | undefined>((resolve) => open.push(resolve));
		},
	} as unknown as Engine;
	return { open, asked, instances: createInstanceModel(engine) };
};
const idsOf = (all: readonly Instance[]) => all.map(({ id }) => id);

test('what is asked for together is asked for once, and what has been answered is asked for anew', async () => {
	const { open, asked, instances } = slow('a', 'b');
	const answers = [instances.takeKnown(), instances.takeKnown()];
	await expect.poll(() => open.length).toBe(2);
	expect(asked).toEqual(['list', 'a', 'b']);
	open[0]?.(instance('a'));
	open[1]?.(instance('b'));
	expect((await Promise.all(answers)).map(idsOf)).toEqual([
		['a', 'b'],
		['a', 'b'],
	]);
	await instances.takeKnown();
	expect(asked).toEqual(['list', 'a', 'b', 'list']);
});

test('who gives up leaves the answer to the others', async () => {
	const { open, instances } = slow('a');
	const aborter = new AbortController();
	const [left, stays] = [instances.takeKnown(aborter.signal), instances.takeKnown()];
	await expect.poll(() => open.length).toBe(1);
	aborter.abort(new Error('enough'));
	await expect(left).rejects.toThrow('enough');
	open[0]?.(instance('a'));
	expect(idsOf(await stays)).toEqual(['a']);
});

test('who asks much later is not answered with what was asked before', async () => {
	const { open, instances } = slow('a');
	void instances.takeKnown();
	await new Promise((resolve) => setTimeout(resolve, 300));
	void instances.takeKnown();
	await expect.poll(() => open.length).toBe(2);
});

test('a verdict is answered with nothing that was asked for before', async () => {
	const { open, asked, instances } = slow('a');
	const first = instances.takeAll();
	await expect.poll(() => open.length).toBe(1);
	const second = instances.takeAll();
	await expect.poll(() => open.length).toBe(2);
	expect(asked.filter((one) => one === 'list')).toHaveLength(2);
	open[1]?.(instance('a', { status: 'exited' }));
	expect((await second)[0]?.status).toBe('exited');
	// The older answer comes later: it is that of the first, and not what is known.
	open[0]?.(instance('a'));
	expect((await first)[0]?.status).toBe('running');
	expect(instances.get().instances[0]?.status).toBe('exited');
});

test('an instance is not inspected again while the list says that it is as it was', async () => {
	const asked: string[] = [];
	let words = 'Up 3 minutes';
	let list = [listed('a')];
	let status = 'running';
	const instances = createInstanceModel({
		list: async () => list.map((one) => ({ ...one, words })),
		inspect: async (id: string) => {
			asked.push(id);
			return instance(id, { status });
		},
	} as unknown as Engine);
	const look = async (said: string) => {
		words = said;
		await instances.takeKnown();
		// Identical requests share one answer for a moment.
		await new Promise((resolve) => setTimeout(resolve, 5));
	};
	await look('Up 3 minutes');
	await look('Up 3 minutes');
	expect(asked).toHaveLength(1);
	await look('Up 4 minutes');
	expect(asked).toHaveLength(2);
	// Somebody else has inspected it and found it stopped: what the list says is older than that, or newer.
	status = 'exited';
	await instances.inspect('a');
	await look('Up 4 minutes');
	expect(asked).toHaveLength(4);
	status = 'running';
	// The same words may come from another start.
	await look('Up About a minute');
	await look('Up About a minute');
	expect(asked).toHaveLength(6);
	// An instance that was gone for a while is inspected again.
	list = [];
	await look('');
	list = [listed('a')];
	await look('Up 3 minutes');
	expect(asked).toHaveLength(7);
});

test('it says what came, what changed and what went, and nothing twice', async () => {
	const engine = createMemoryEngine();
	const instances = createInstanceModel(engine);
	const told: InstanceChange[] = [];
	instances.subscribe({ changed: (change) => told.push(change) });
	const inWords = () =>
		told.splice(0).map(({ added, removed, changed, isFirst }) => ({
			...(isFirst && { isFirst }),
			...(added.length > 0 && { added: idsOf(added) }),
			...(removed.length > 0 && { removed: idsOf(removed) }),
			...(changed.length > 0 && { changed: changed.map((one) => [one.instance.id, ...one.fields]) }),
		}));
	const refresh = () => instances.refresh(() => 30_000, false, signal);
	engine.put({ id: 'web' });
	await refresh();
	expect(inWords()).toEqual([{ isFirst: true, added: ['web'] }]);
	await refresh();
	expect(inWords()).toEqual([{}]);
	engine.put({ id: 'web', status: 'exited', exitCode: 1 });
	engine.put({ id: 'database' });
	await refresh();
	expect(inWords()).toEqual([{ added: ['database'], changed: [['web', 'status', 'exitCode']] }]);
	await instances.takeAll();
	expect(inWords()).toEqual([]);
	engine.remove('web');
	await instances.takeAll();
	expect(inWords()).toEqual([{ removed: ['web'] }]);
});

test('an event is shown at once, and what it does not say is asked for once for several of them', async () => {
	const engine = createMemoryEngine();
	const instances = createInstanceModel(engine);
	engine.put({ id: 'web' });
	await instances.refresh(() => 30_000, false, signal);
	engine.asked.length = 0;
	const event = (action: string) => ({ id: 'web', action, service: 'web', nanos: 1n, exitCode: 137 });
	engine.put({ id: 'web', status: 'restarting', exitCode: 137 });
	const taking = ['die', 'stop', 'oom'].map((action) => instances.take(event(action), signal));
	expect(instances.get().instances[0]?.status).toBe('exited');
	await Promise.all(taking);
	expect(instances.get().instances[0]?.status).toBe('restarting');
	expect(engine.asked).toEqual(['inspect web', 'inspect web']);
	expect([...instances.get().stopped]).toEqual([]);
	await instances.take(event('kill'), signal);
	await instances.take(event('die'), signal);
	expect([...instances.get().stopped]).toEqual(['web']);
});
