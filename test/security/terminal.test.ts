import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../helpers/program.ts';
import { type Pty, startInPty } from '../helpers/pty.ts';
import { leaks, poisoned } from './poison.ts';
import { type PoisonedHost, startPoisonedHost } from './poisoned-host.ts';

describe('the test itself', () => {
	test('finds every kind of poison in what is written', () => {
		expect(leaks('plain \u001b[1mbold\u001b[0m\r\n', { screen: false })).toEqual([]);
		for (const text of [poisoned('x'), '\u009b1m', 'a\rb', '\u202e', '\u001b[8m', '\u001b]0;x\u0007', '\u200b']) {
			expect(leaks(text, { screen: false }), text).not.toEqual([]);
		}
		for (const text of ['\u001b[5;66H', '\u001b[5m', '\u001b[?1000h', '\u001bc']) {
			expect(leaks(text), text).not.toEqual([]);
		}
	});
});

describe('a host that writes escape sequences everywhere', { timeout: 400_000 }, () => {
	let host: PoisonedHost;
	let pty: Pty | undefined;

	beforeAll(async () => {
		host = await startPoisonedHost();
	});
	afterEach(async () => {
		await pty?.close();
		pty = undefined;
	});
	afterAll(() => host?.close());

	const open = (args: readonly string[], size = { columns: 160, rows: 50 }): Pty => {
		pty = startInPty(process.execPath, [program, ...args], { cwd: host.folder, env: host.env, ...size });
		return pty;
	};
	/** Runs a command in a pty to its end and gives all that it wrote to standard output and standard error. */
	const written = async (...args: readonly string[]): Promise<string> => {
		const running = open(args);
		await running.exited;
		const { raw } = running;
		await running.close();
		return raw;
	};
	/** Expects that nothing leaks, and that each of these was there to leak. */
	const expectClean = (raw: string, labels: readonly string[], json = false) => {
		expect(leaks(raw, { screen: false, json })).toEqual([]);
		for (const label of labels) {
			expect(raw, label).toContain(label);
		}
	};

	const json = (raw: string): readonly Record<string, unknown>[] =>
		raw
			.split(/\r*\n/)
			.filter((line) => line.startsWith('{'))
			.map((line) => JSON.parse(line) as Record<string, unknown>);

	/** Whoever can write to the journal can write anything into it. */
	const poisonJournal = (): string => {
		const [run = ''] = readdirSync(join(host.state, 'runs'));
		for (const file of ['about.json', 'plan.json']) {
			const path = join(host.state, 'runs', run, file);
			const text = JSON.parse(readFileSync(path, 'utf8'));
			const more = { procedure: poisoned('procedure'), title: poisoned('title'), target: poisoned('target') };
			const steps = text.steps?.map((step: object, at: number) => ({
				...step,
				id: poisoned(`step-id-${at}`),
				title: poisoned(`step-title-${at}`),
			}));
			const who = { user: poisoned('user'), machine: poisoned('machine') };
			const notes = [poisoned('note')];
			writeFileSync(path, JSON.stringify({ ...text, ...more, ...(steps ? { steps, notes } : { who }) }));
		}
		const records = join(host.state, 'runs', run, 'records');
		writeFileSync(records, `${readFileSync(records, 'utf8')}fact commit\t${poisoned('commit').replaceAll('\n', '')}\n`);
		writeFileSync(
			join(host.state, 'runs', run, 'verdicts'),
			`${JSON.stringify({ verdict: poisoned('verdict'), at: 1, by: { user: 'a', machine: 'b' }, reason: poisoned('why'), checks: [] })}\n`,
		);
		return run;
	};

	test('leaves no trace in the text of any command', async () => {
		expectClean(await written('status'), [
			'service',
			'image-name',
			'subject',
			'branch',
			'alert-name',
			'severity',
			'summary',
			'backup',
		]);
		expectClean(await written('verify'), ['log-error', 'location', 'body']);
		expectClean(await written('inputs', 'poison'), ['value', 'choice', 'detail', 'mark']);
		expectClean(await written('plan', 'poison'), ['precondition', 'preview', 'value', 'detail']);
		expectClean(await written('plan', 'poison', '--input', `thing=${poisoned('given')}`), ['given', 'choice']);
		expectClean(await written('run', 'refused', '--yes'), ['precondition']);
		expectClean(await written('run', 'poison', '--yes', '--reason', poisoned('reason')), ['output', 'exit code 3']);
		const run = poisonJournal();
		expectClean(await written('runs'), ['procedure', 'user', 'machine']);
		expectClean(await written('attach', run), ['step-title', 'output', 'note', 'alert-name']);
		expectClean(await written('restore-points'), ['procedure']);
		expectClean(await written('undo', run, '--yes'), []);
		expectClean(await written('report', run), []);
		expectClean(await written('plan', poisoned('unknown-procedure')), ['unknown-procedure']);
	});

	test('is escaped in JSON, and the values are whole', async () => {
		const status = await written('status', '--json');
		expectClean(status, ['alert-name'], true);
		const [first] = json(status);
		expect(JSON.stringify(first)).toContain(JSON.stringify(poisoned('summary')).slice(1, -1));
		for (const args of [['verify'], ['plan', 'poison'], ['run', 'poison', '--yes'], ['runs'], ['attach', 'last']]) {
			const raw = await written(...args, '--json');
			expectClean(raw, [], true);
			expect(json(raw).length, args.join(' ')).toBeGreaterThan(0);
		}
	});

	test('leaves no trace on any screen', async () => {
		await written('run', 'poison', '--yes', '--reason', poisoned('reason'));
		poisonJournal();
		const screen = open([]);
		// A screen that has just come takes its keys a moment after it is seen: pressed again, but slowly, for a second
		// one may undo what a busy machine is about to show.
		const go = async (key: string, what: string | RegExp) => {
			for (let tries = 1; ; tries++) {
				screen.press(key);
				try {
					await screen.waitFor(what, 8000);
					return;
				} catch (error) {
					if (tries === 8) {
						throw error;
					}
				}
			}
		};
		await screen.waitFor('Procedures');
		await screen.waitFor(() => screen.modes().bracketedPaste);
		for (const seen of ['service', 'subject', 'severity']) {
			await screen.waitFor(seen);
		}
		await screen.waitFor('log-line');
		await go('6', '━ 6 Host');
		await go('+', 'branch');
		await go('esc', 'Procedures');
		await go('4', '━ 4 Metrics');
		await go(':', 'Go to');
		await go('esc', 'Procedures');
		await go('r', 'REASON');
		await go('enter', 'Output of run');
		await screen.waitFor('output');
		await go('esc', 'REASON');
		await go('esc', 'Procedures');
		await go('2', '━ 2 Checks');
		await go('enter', '━ Checks now');
		screen.press('j', 'j', 'G');
		await go('esc', 'Procedures');
		await go('7', '━ 7 Procedures');
		screen.press('g');
		await go('enter', 'choicetrue');
		await go('enter', 'pre-flight checks pass');
		screen.press('O');
		await go(']', 'preconditiontrue');
		screen.press('G');
		await screen.drawn();
		// It keeps drawing: the part after the last complete frame may be half a sequence.
		const { raw } = screen;
		expect(leaks(raw.slice(0, raw.lastIndexOf('\u001b[?2026l')))).toEqual([]);
	});
});
