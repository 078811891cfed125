import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { type AskingServer, startAskingServer } from '../ssh/asking-server.ts';
import { leaks, poisoned } from './poison.ts';

const patience = 60_000;

describe('an SSH server that writes escape sequences before it lets anybody in', () => {
	let server: AskingServer;
	let pty: Pty | undefined;
	/** The answers so far. */
	const answered: string[][] = [];

	beforeAll(async () => {
		server = await startAskingServer(
			(context) => {
				if (context.method === 'keyboard-interactive') {
					// The types know the prompts only; what RFC 4256 calls name and instruction comes before them.
					const prompt = context.prompt as (...words: unknown[]) => void;
					prompt.call(
						context,
						[
							{ prompt: `${poisoned('first')}\n${poisoned('Passcode')}`, echo: false },
							{ prompt: poisoned('second'), echo: true },
						],
						poisoned('name'),
						`${poisoned('instruction')}\n${poisoned('more')}`,
						(answers: string[]) => {
							answered.push(answers);
							context.reject(['keyboard-interactive']);
						},
					);
				} else {
					context.reject(['keyboard-interactive']);
				}
			},
			{ banner: `${poisoned('banner')}\r\n`, greeting: poisoned('greeting').replaceAll(/[\r\n]/g, '') },
		);
		mkdirSync(join(server.folder, '.ssh'));
		const target = {
			host: server.destination,
			directory: '/srv/app',
			runbook: 'compose',
			knownHosts: server.knownHosts,
		};
		writeFileSync(join(server.folder, 'backout.yaml'), JSON.stringify({ targets: { asking: target } }));
	});
	afterEach(async () => {
		await pty?.close();
		answered.length = 0;
	});
	afterAll(() => server?.close());

	const open = (...args: readonly string[]): Pty => {
		pty = startInPty(process.execPath, [program, ...args], {
			cwd: server.folder,
			columns: 120,
			rows: 40,
			env: { HOME: server.folder, SSH_AUTH_SOCK: '', XDG_STATE_HOME: join(server.folder, 'state') },
		});
		return pty;
	};

	test('the command line asks in harmless words, and says who asks', async () => {
		const asked = open('status');
		for (const answer of ['one', 'two']) {
			const prompt = answer === 'one' ? /PASSCODE.*:\s*$/ : /SECOND.*:\s*$/;
			await asked.waitFor((rows) => prompt.test(rows.join('\n').trimEnd()), patience);
			asked.send(`${answer}\r`);
		}
		await asked.waitFor(() => answered.length === 1, patience);
		expect(answered).toEqual([['one', 'two']]);
		const { raw } = asked;
		expect(leaks(raw, { screen: false })).toEqual([]);
		for (const seen of [`(${server.destination}) name`, 'instruction', 'more', 'first', 'Passcode']) {
			expect(raw).toContain(seen);
		}
		expect(raw).not.toMatch(/banner|greeting/);
	});

	test('the screen asks in harmless words', async () => {
		const asked = open();
		await asked.waitFor('The host asks', patience);
		await asked.waitFor('Passcode', patience);
		for (const seen of ['name', 'instruction', 'more', 'first']) {
			expect(asked.screen().join('\n')).toContain(seen);
		}
		await pressUntil(asked, 'esc', (screen) => !screen.join('\n').includes('The host asks'), patience);
		await asked.drawn();
		const { raw } = asked;
		expect(leaks(raw.slice(0, raw.lastIndexOf('\u001b[?2026l')))).toEqual([]);
		expect(raw).not.toMatch(/banner|greeting/);
	});
});
