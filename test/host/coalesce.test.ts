import { expect, test } from 'vitest';
import { createCoalescer } from '../../src/services/host/coalesce.ts';

/** A question that is answered when it is told to. */
const question = () => {
	const asked: { signal: AbortSignal; answer(value: string): void; fail(error: Error): void }[] = [];
	const together = createCoalescer();
	const ask = (signal?: AbortSignal, name = 'what') =>
		together(
			name,
			(left) =>
				new Promise<string>((answer, fail) => {
					asked.push({ signal: left, answer, fail });
				}),
			signal,
		);
	return { asked, ask };
};

test('who asks the same is answered together; what has been answered, or was another question, is asked for', async () => {
	const { asked, ask } = question();
	const answers = [ask(), ask(), ask(undefined, 'else')];
	expect(asked).toHaveLength(2);
	asked[0]?.answer('one');
	asked[1]?.answer('two');
	expect(await Promise.all(answers)).toEqual(['one', 'one', 'two']);
	void ask();
	expect(asked).toHaveLength(3);
});

test('who leaves takes nothing from the others; when the last has left, the call is given up', async () => {
	const { asked, ask } = question();
	const [first, second] = [new AbortController(), new AbortController()];
	const [one, two] = [ask(first.signal), ask(second.signal)];
	first.abort(new Error('enough'));
	await expect(one).rejects.toThrow('enough');
	expect(asked[0]?.signal.aborted).toBe(false);
	second.abort(new Error('for me too'));
	await expect(two).rejects.toThrow('for me too');
	expect(asked[0]?.signal.aborted).toBe(true);
	// A cancelled request has no response to share.
	const three = ask();
	expect(asked).toHaveLength(2);
	asked[1]?.answer('again');
	expect(await three).toBe('again');
});

test('a failure is that of all who asked, and of nobody later', async () => {
	const { asked, ask } = question();
	const answers = Promise.allSettled([ask(), ask()]);
	asked[0]?.fail(new Error('no'));
	expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
	const later = ask();
	asked[1]?.answer('yes');
	expect(await later).toBe('yes');
});
