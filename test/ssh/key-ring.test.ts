import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Prompter } from '../../src/services/ssh/auth-prompt.ts';
import { createKeyRing } from '../../src/services/ssh/keys.ts';
import { makeKey } from './sshd.ts';

let folder: string;
let path: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'backout-ring-'));
	path = makeKey(folder, 'locked', 'ed25519', 'open sesame');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An operator who is asked by many connections. */
const operator = () => {
	const asked: string[] = [];
	const answers: ((text: string | undefined) => void)[] = [];
	const ask: Prompter = ({ host }) =>
		new Promise((resolve) => {
			asked.push(host);
			answers.push(resolve);
		});
	const next = () =>
		expect
			.poll(() => answers.length)
			.toBeGreaterThan(0)
			.then(() => answers.shift());
	return { asked, ask, answer: async (text: string | undefined) => (await next())?.(text) };
};

const alive = new AbortController().signal;

test('a passphrase is asked for once, whoever else wants the key meanwhile or later', async () => {
	const ring = createKeyRing();
	const { asked, ask, answer } = operator();
	const all = ['one', 'two', 'three'].map((host) => ring.unlock(path, ask, host, alive));
	await answer('open sesame');
	const keys = await Promise.all(all);
	expect(keys.map((key) => key?.type)).toEqual(['ssh-ed25519', 'ssh-ed25519', 'ssh-ed25519']);
	expect((await ring.load({ path, configured: true })).kind).toBe('ready');
	expect(asked).toEqual(['one']);
});

test('who does not say it is not asked again by the next host, but once he wants to try again', async () => {
	const ring = createKeyRing();
	const { asked, ask, answer } = operator();
	const both = ['one', 'two'].map((host) => ring.unlock(path, ask, host, alive));
	await answer(undefined);
	expect(await Promise.all(both)).toEqual([undefined, undefined]);
	expect(await ring.unlock(path, ask, 'three', alive)).toBeUndefined();
	expect(asked).toEqual(['one']);
	ring.askAgain();
	const again = ring.unlock(path, ask, 'one', alive);
	await answer('open sesame');
	expect((await again)?.type).toBe('ssh-ed25519');
});

test('when the connection that asks is gone before there is an answer, another one asks', async () => {
	const ring = createKeyRing();
	const { asked, ask, answer } = operator();
	const first = new AbortController();
	const gone = ring.unlock(path, ask, 'one', first.signal);
	const other = ring.unlock(path, ask, 'two', alive);
	first.abort();
	// The question is withdrawn.
	await answer(undefined);
	expect(await gone).toBeUndefined();
	await answer('open sesame');
	expect((await other)?.type).toBe('ssh-ed25519');
	expect(asked).toEqual(['one', 'two']);
});
