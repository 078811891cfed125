import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { Instance, LogOptions } from '../../src/engine/instance.ts';
import { createContainerCache } from '../../src/services/checks/container-cache.ts';
import { checkLogErrors } from '../../src/services/checks/log-errors.ts';
import type { CheckContext } from '../../src/services/checks/outcome.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { memoryTerms } from '../helpers/memory-engine.ts';

interface Line {
	readonly at: number;
	readonly text: string;
}

const nanos = (ms: number) => BigInt(ms) * 1_000_000n;
const stamped = ({ at, text }: Line) => `${new Date(at).toISOString().replace('Z', '000000Z')} ${text}\n`;

/** A Docker with one container and its log; inspections are answered when they are let go. */
const fake = (start: { id: string; startedAt: number; logFrom?: number }, lines: Line[]) => {
	const reads: { readonly id: string; readonly since?: bigint; readonly beforeInspected: boolean }[] = [];
	const state = { ...start, running: 1, fails: false };
	let gate = Promise.withResolvers<void>();
	let inspected = false;
	const details = (): Instance =>
		({
			id: state.id,
			name: 'app-engine-1',
			service: 'engine',
			status: 'running',
			startedAt: state.startedAt,
			createdAt: 0,
			tty: false,
			probes: [],
			logFrom: state.logFrom === undefined ? undefined : nanos(state.logFrom),
		}) as unknown as Instance;
	const calls = {
		list: async () =>
			Array.from({ length: state.running }, (_, at) => ({
				id: at === 0 ? state.id : `other-${at}`,
				name: 'engine',
				service: 'engine',
				status: 'running',
				words: 'Up 3 minutes',
			})),
		inspect: async (id: string) => {
			await gate.promise;
			inspected = true;
			if (state.fails) {
				throw new Error('cannot inspect');
			}
			return { ...details(), id };
		},
	};
	const engine = {
		project: 'x',
		terms: memoryTerms,
		...calls,
		streams: () => true,
		clock: { now: () => 100_000, toLocal: (at: number) => at },
		events: async function* () {},
		async *logs(id: string, { since, until, tty }: LogOptions) {
			reads.push({ id, since, beforeInspected: !inspected });
			const within = ({ at }: Line) =>
				(since === undefined || nanos(at) >= since) && (until === undefined || nanos(at) <= until);
			const found = lines.filter(within).map(stamped).join('');
			if (found !== '') {
				await tty;
				yield { stream: 'stdout', bytes: Buffer.from(found) };
			}
		},
	};
	const instances = createInstanceModel(engine as unknown as Engine);
	const context = { engine, instances, target: { directory: '/' } } as unknown as CheckContext;
	const look = checkLogErrors(
		{ kind: 'log-errors', id: 'errors', title: 'Errors', service: 'engine', pattern: 'error' } as never,
		context,
		createContainerCache(context),
	);
	return {
		state,
		reads,
		lines,
		/** One look; the inspection is answered only when the log was asked for, or else after a moment. */
		look: async () => {
			// A read a moment ago serves a second one as well.
			await new Promise((resolve) => setTimeout(resolve, 120));
			gate = Promise.withResolvers();
			inspected = false;
			const before = reads.length;
			const looking = look(new AbortController().signal);
			await expect
				.poll(() => reads.length > before, { timeout: 1000 })
				.toBe(true)
				.catch(() => {});
			gate.resolve();
			const { state: verdict, reason } = await looking;
			return `${verdict}: ${reason}`;
		},
	};
};

test('the log is read while the container is still looked at; lines of an earlier run do not count', async () => {
	const { look, reads } = fake({ id: 'a', startedAt: 50_000, logFrom: 50_000 }, [
		{ at: 10_000, text: 'error of the run before' },
		{ at: 60_000, text: 'fine' },
	]);
	expect(await look()).toMatch(/^passed/);
	expect(reads).toEqual([{ id: 'a', since: undefined, beforeInspected: true }]);
});

test('from then on only what is new is read, once', async () => {
	const { look, reads, lines } = fake({ id: 'a', startedAt: 50_000 }, [{ at: 60_000, text: 'fine' }]);
	await look();
	lines.push({ at: 70_000, text: 'an error' });
	reads.length = 0;
	expect(await look()).toMatch(/^failed: 1 error line/);
	// The last line is read again: where it is gone, lines after it may have gone with it.
	expect(reads).toEqual([{ id: 'a', since: nanos(60_000), beforeInspected: true }]);
	expect(await look()).toMatch(/^failed: 1 error line/);
});

test('a log that Docker rotates while it is watched is no longer vouched for from its start', async () => {
	const { look, lines } = fake({ id: 'a', startedAt: Date.now() - 60_000 }, [
		{ at: Date.now() - 50_000, text: 'fine' },
	]);
	expect(await look()).toMatch(/^passed: no error line since/);
	lines.length = 0;
	lines.push({ at: Date.now() - 1000, text: 'fine' });
	expect(await look()).toMatch(/^unknown: no error line since .*, but the log no longer has the lines between/);
});

test('what was read ahead of a container that is another one by then does not count', async () => {
	const { look, state, reads, lines } = fake({ id: 'a', startedAt: 50_000 }, [{ at: 60_000, text: 'fine' }]);
	await look();
	Object.assign(state, { id: 'b', startedAt: 80_000 });
	lines.splice(0, 1, { at: 55_000, text: 'error in the log of b' });
	reads.length = 0;
	expect(await look()).toMatch(/^failed: 1 error line/);
	expect(reads.map(({ id }) => id)).toEqual(['a', 'b']);
});

test('a container that was started anew is read from its start', async () => {
	const { look, state, lines } = fake({ id: 'a', startedAt: 50_000 }, [{ at: 60_000, text: 'error' }]);
	expect(await look()).toMatch(/^failed/);
	Object.assign(state, { startedAt: 80_000, logFrom: 80_000 });
	lines.push({ at: 90_000, text: 'fine' });
	expect(await look()).toMatch(/^passed/);
});

test('where two run, nothing is read before it is known which counts', async () => {
	const { look, state, reads } = fake({ id: 'a', startedAt: 50_000 }, [{ at: 60_000, text: 'fine' }]);
	state.running = 2;
	expect(await look()).toMatch(/^passed/);
	expect(reads.every(({ beforeInspected }) => !beforeInspected)).toBe(true);
});

test('a look that fails after the log was read fails as it would have, and leaves nothing behind', async () => {
	const { look, state, reads } = fake({ id: 'a', startedAt: 50_000 }, []);
	state.fails = true;
	await expect(look()).rejects.toThrow('cannot inspect');
	expect(reads).toHaveLength(1);
	state.fails = false;
	expect(await look()).toMatch(/^passed/);
});
