import { afterEach, expect, test } from 'vitest';
import { type Pty, startInPty } from './pty.ts';

let pty: Pty | undefined;
afterEach(async () => {
	await pty?.close();
	pty = undefined;
});

/** Keeps this process from reading, as other work on a busy machine does. */
const busy = (ms: number) => {
	const until = Date.now() + ms;
	while (Date.now() < until);
};

test('all that a program wrote is read after its end, also on a busy machine', async () => {
	pty = startInPty('sh', ['-c', 'seq 5000']);
	const work = setInterval(() => busy(300), 1);
	const { code } = await pty.exited;
	clearInterval(work);
	expect(code).toBe(0);
	expect(pty.raw.trimEnd().endsWith('5000')).toBe(true);
});

test('a process that is left behind with the terminal does not keep a hang-up from ending it', async () => {
	pty = startInPty('sh', ['-c', 'echo started; exec sleep 600']);
	await pty.waitFor('started');
	pty.hangUp();
	expect(await pty.exited).toEqual({ code: 0, signal: 1 });
});
