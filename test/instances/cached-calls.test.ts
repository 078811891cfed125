import { expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { type CachedCalls, cacheCalls } from '../../src/services/instances/cached-calls.ts';

/** Answers when it is told to. */
const slow = () => {
	const open: ((details: Instance | undefined) => void)[] = [];
	const calls: Pick<CachedCalls, 'list' | 'inspect'> = {
		list: async () => [],
		inspect: () => new Promise((resolve) => open.push(resolve)),
	};
	return { open, shared: cacheCalls(calls) };
};
const details = (id: string) => ({ id }) as Instance;

test('who asks together is answered together, and asked for once', async () => {
	const { open, shared } = slow();
	const answers = [shared.inspect('a'), shared.inspect('a'), shared.inspect('b')];
	expect(open).toHaveLength(2);
	open[0]?.(details('a'));
	open[1]?.(details('b'));
	expect(await Promise.all(answers)).toEqual([details('a'), details('a'), details('b')]);
	// What has been answered is asked for anew.
	void shared.inspect('a');
	expect(open).toHaveLength(3);
});

test('who gives up leaves the answer to the others', async () => {
	const { open, shared } = slow();
	const aborter = new AbortController();
	const [left, stays] = [shared.inspect('a', aborter.signal), shared.inspect('a')];
	aborter.abort(new Error('enough'));
	await expect(left).rejects.toThrow('enough');
	open[0]?.(details('a'));
	expect(await stays).toEqual(details('a'));
});

test('who asks much later is not answered with what was asked before', async () => {
	const { open, shared } = slow();
	void shared.inspect('a');
	await new Promise((resolve) => setTimeout(resolve, 300));
	void shared.inspect('a');
	expect(open).toHaveLength(2);
});

test('a container is not inspected again while the list says that it is as it was', async () => {
	const asked: string[] = [];
	const list = [{ id: 'a', name: 'a', service: 'a', status: 'running', words: 'Up 3 minutes' }];
	const shared = cacheCalls({
		list: async () => list,
		inspect: async (id) => {
			asked.push(id);
			return { id, status: 'running' } as Instance;
		},
	});
	const look = async (words: string) => {
		const [listed] = await shared.list();
		return listed && shared.details({ ...listed, words });
	};
	await look('Up 3 minutes');
	await look('Up 3 minutes');
	expect(asked).toHaveLength(1);
	await look('Up 4 minutes');
	expect(asked).toHaveLength(2);
	// Somebody else has inspected it and found it stopped: what the list says is older than that, or newer.
	shared.note({ id: 'a', status: 'exited' } as Instance, 'Up 4 minutes');
	await look('Up 4 minutes');
	expect(asked).toHaveLength(3);
	// The same words may be those of another start.
	await look('Up About a minute');
	await look('Up About a minute');
	expect(asked).toHaveLength(5);
	// One that was gone for a while is looked at again.
	const [gone] = list.splice(0);
	await shared.list();
	list.push(...(gone === undefined ? [] : [gone]));
	await look('Up About a minute');
	expect(asked).toHaveLength(6);
});
