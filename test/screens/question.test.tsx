import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPrompts } from '../../src/application/fleet/prompts.ts';
import type { PendingPrompt } from '../../src/stores/workspace.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

afterEach(() => vi.restoreAllMocks());

const ask = (opened: OpenedApp, more: Partial<PendingPrompt> = {}) => {
	const answers: (string | undefined)[] = [];
	opened.fake.stores.question.set({
		kind: 'passphrase',
		prompt: 'Passphrase for /home/mara/.ssh/id_ed25519',
		host: 'root@94.130.228.55',
		answer: (text) => {
			answers.push(text);
			opened.fake.stores.question.set(undefined);
		},
		...more,
	});
	return answers;
};

describe('what the connection asks', () => {
	it('is answered by what is typed, which is never shown', async () => {
		const opened = await openApp();
		const answers = ask(opened);
		await opened.terminal.waitFor('Passphrase for /home/mara/.ssh/id_ed25519:');
		expect(opened.text()).toContain('for root@94.130.228.55');
		await opened.arm();
		await opened.terminal.press(...'open', 'space', ...'sésame?');
		await opened.terminal.waitFor('•'.repeat(12));
		await opened.terminal.press('enter');
		expect(answers).toEqual(['open sésame?']);
		await opened.terminal.waitFor('Containers');
		expect(opened.text()).not.toContain('Passphrase');
		expect(opened.terminal.raw).not.toContain('sésa');
	});

	it('is not answered by Esc, and the dashboard is there again', async () => {
		const opened = await openApp();
		const answers = ask(opened, { kind: 'password', prompt: 'Password for root@94.130.228.55:22' });
		await opened.terminal.waitFor('Password for root');
		await opened.arm();
		await opened.terminal.press('x', 'esc');
		expect(answers).toEqual([undefined]);
		expect(opened.text()).toContain('Containers');
	});

	it('takes nothing that was typed before it was there', async () => {
		const opened = await openApp();
		const time = performance.now();
		vi.spyOn(performance, 'now').mockReturnValue(time);
		const answers = ask(opened);
		await opened.terminal.press('j', 'enter');
		expect(answers).toEqual([]);
		await opened.terminal.waitFor('Passphrase for');
		expect(opened.text()).not.toContain('•');
	});

	it('shows nothing of an escape sequence in what the host asks', async () => {
		const opened = await openApp();
		ask(opened, { kind: 'keyboard-interactive', prompt: 'One-time\u001b]0;owned\u0007 code\u001b[2J:' });
		await opened.terminal.waitFor('One-time code:');
		expect(opened.text()).toContain('The host asks');
		expect(opened.terminal.raw).not.toContain('owned');
	});

	it('lies over whatever is open, and Ctrl-C can still leave', async () => {
		const opened = await openApp();
		await opened.terminal.press('?');
		const answers = ask(opened);
		await opened.terminal.waitFor('Passphrase for');
		await opened.arm();
		await opened.terminal.press('ctrl-c');
		await opened.terminal.waitFor('Leave?');
		await opened.arm();
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('Passphrase for');
		expect(answers).toEqual([]);
	});

	it('is whole at 40×12', async () => {
		const opened = await openApp({ columns: 40, rows: 12 });
		const answers = ask(opened, { kind: 'keyboard-interactive', prompt: `${'words '.repeat(60)}and the code:` });
		await opened.terminal.waitFor('and the code:');
		await opened.arm();
		await opened.terminal.press('1', '2', '3');
		expect(opened.text()).toContain('•••');
		await opened.terminal.press('enter');
		expect(answers).toEqual(['123']);
	});
});

describe('the questions of a connection', () => {
	const one = { kind: 'password', prompt: 'Password', host: 'h' } as const;

	it('are one at a time: a newer one takes the place of the older', async () => {
		const { ask: put, question } = createPrompts();
		const first = put(one);
		const second = put({ ...one, prompt: 'Password again' });
		expect(await first).toBeUndefined();
		expect(question.get()?.prompt).toBe('Password again');
		question.get()?.answer('right');
		expect(await second).toBe('right');
		expect(question.get()).toBeUndefined();
	});

	it('go away with the connection that asked', async () => {
		const { ask: put, question } = createPrompts();
		const gone = new AbortController();
		const answer = put(one, gone.signal);
		gone.abort();
		expect(await answer).toBeUndefined();
		expect(question.get()).toBeUndefined();
	});
});
