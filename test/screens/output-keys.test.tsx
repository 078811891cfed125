import { describe, expect, it } from 'vitest';
import { BackoutError } from '../../src/runbook/errors.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

const open = async (...args: Parameters<typeof openApp>) => {
	const app = await openApp(...args);
	await app.terminal.waitFor('exit 1');
	return app;
};
const copied = (opened: OpenedApp) =>
	[...opened.terminal.raw.matchAll(/\u001b\]52;c;([^\u001b]*)\u001b\\/g)].map(([, text = '']) =>
		Buffer.from(text, 'base64').toString(),
	);
const bytes = new TextEncoder();

const toRun = async (opened: OpenedApp) => {
	await opened.terminal.press('r', 'enter');
	await opened.terminal.waitFor('Output of run');
	const run = opened.fake.runs[0];
	if (run === undefined) {
		throw new Error('nothing is followed');
	}
	return run;
};

describe('ctrl-s', () => {
	it('saves a log, and says where', async () => {
		const opened = await open();
		await opened.terminal.press('9', 'ctrl-s');
		await opened.terminal.waitFor('Saved 98 B to /home/mara/backout-trading-engine-20261122T031020Z.log');
		expect(opened.fake.calls).toContain('save log trading-engine');
	});

	it('saves the output of a run', async () => {
		const opened = await open();
		const { state } = await toRun(opened);
		state.output.append(bytes.encode('building\n'));
		await opened.terminal.waitFor('building');
		await opened.terminal.press('ctrl-s');
		await opened.terminal.waitFor('Saved 47 KiB to /home/mara/backout-20261121T181200Z-4f1c-');
		expect(opened.fake.calls).toContain('save 20261121T181200Z-4f1c');
	});

	it('saves nothing where there is nothing, and says so', async () => {
		const opened = await open();
		await toRun(opened);
		await opened.terminal.press('ctrl-s');
		await opened.terminal.waitFor('There is no output yet: nothing was saved.');
		expect(opened.fake.calls.some((call) => call.startsWith('save'))).toBe(false);
	});

	it('says why it could not', async () => {
		const opened = await open();
		Object.assign(opened.fake.workspace.actions, {
			saveLog: () => Promise.reject(new BackoutError('failed', 'cannot save the output in /root: EACCES')),
		});
		await opened.terminal.press('9', 'ctrl-s');
		await opened.terminal.waitFor('cannot save the output in /root: EACCES');
	});
});

describe('c', () => {
	it('copies all of what is short, without what could steer a terminal', async () => {
		const opened = await open();
		const { state } = await toRun(opened);
		state.output.append(bytes.encode('\u001b[31mred\u001b[0m\nplain\n'));
		await opened.terminal.waitFor('plain');
		await opened.terminal.press('c');
		await opened.terminal.waitFor('Sent all of it, 2 lines, to the terminal’s clipboard.');
		expect(copied(opened)).toEqual(['red\nplain']);
	});

	it('copies no secret, should one have come as far as the screen', async () => {
		const opened = await open();
		const { state } = await toRun(opened);
		state.output.append(bytes.encode('DB_PASSWORD=hunter2hunter2\nplain\n'));
		await opened.terminal.waitFor('plain');
		await opened.terminal.press('c');
		await opened.terminal.waitFor('Sent all of it, 2 lines, to the terminal’s clipboard.');
		expect(copied(opened)).toEqual([expect.stringMatching(/^DB_PASSWORD=••••[0-9a-f]{4}\nplain$/)]);
	});

	it('copies what is visible of what is long, and says so', async () => {
		const opened = await open();
		const { state } = await toRun(opened);
		state.output.append(bytes.encode(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('')));
		await opened.terminal.waitFor('line 19999');
		await opened.terminal.press('c');
		await opened.terminal.waitFor(/Sent the \d+ visible lines to the terminal’s clipboard; Ctrl-S saves all\./);
		const shown = opened.terminal.screen().flatMap((row) => (/^line \d+/.test(row) ? [row] : []));
		expect(copied(opened)).toEqual([shown.join('\n')]);
	});
});

describe('f', () => {
	it('gives a log the whole screen, and takes it back', async () => {
		const opened = await open();
		await opened.terminal.press('f');
		expect(opened.text()).not.toContain('Containers');
		expect(opened.text()).toContain('Log of trading-engine');
		await opened.terminal.press('f');
		expect(opened.text()).toContain('Containers');
	});
});
