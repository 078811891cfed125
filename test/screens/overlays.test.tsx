import { describe, expect, it, onTestFinished } from 'vitest';
import { calledAs } from '../../src/runbook/own-command.ts';
import { openApp } from './open-app.tsx';

const open = async (columns = 120, rows = 40) => {
	const app = await openApp({ columns, rows });
	return app;
};

describe('the list of commands', () => {
	it('has what they are about in one column, and says which of how many is selected', async () => {
		const { terminal } = await open();
		await terminal.press(':');
		await terminal.waitFor(/Go to, 1 of \d+/);
		// What is first is what Enter would do: no procedure.
		expect(terminal.screen().join('\n')).toMatch(/│ › runs /);
		const named = /^.*?│ [› ] (?=runs|target|logs)(?:\S+ )+ +(?=\S)/;
		const about = terminal.screen().flatMap((row) => named.exec(row)?.[0].length ?? []);
		expect(about.length).toBeGreaterThan(8);
		expect(new Set(about.slice(0, 8)).size).toBe(1);
		expect(terminal.screen().at(-1)).toContain('Enter go');
		await terminal.press('down');
		await terminal.waitFor(/Go to, 2 of \d+/);
	});
});

it(':terminal shows in full what prints this in another terminal, and copies it', async () => {
	const config = `/srv/${'deployments/'.repeat(7)}backout.yaml`;
	calledAs({ program: ['backout'], config });
	onTestFinished(() => calledAs({ program: ['backout'] }));
	const { terminal } = await open(80, 24);
	await terminal.press(':', ...'terminal', 'enter');
	await terminal.waitFor('In another terminal');
	const [copied] = [...terminal.raw.matchAll(/\u001b\]52;c;([A-Za-z0-9+/=]+)/g)].map(([, text = '']) =>
		Buffer.from(text, 'base64').toString(),
	);
	expect(copied).toBe(`backout --config ${config} status`);
	const shown = terminal.screen().map((row) => /│ (.*?) *│/.exec(row)?.[1] ?? '');
	expect(shown.join('').replaceAll(' ', '')).toContain(copied?.replaceAll(' ', ''));
	await terminal.press('esc');
	await terminal.waitFor(() => !terminal.screen().join('').includes('In another terminal'));
});

describe('help', () => {
	it.each([
		[120, 40],
		[200, 60],
	])('shows all keys and explains the signs without scrolling at %i×%i', async (columns, rows) => {
		const { terminal, text } = await open(columns, rows);
		await terminal.press('?');
		await terminal.waitFor('Signs');
		expect(text()).not.toMatch(/Keys \(/);
		for (const sign of ['◔ stale', '? unknown', '○ ◐ ◉', '● ▲ ✗']) {
			expect(text()).toContain(sign);
		}
		expect(text()).toContain('read-only, disruptive, destructive');
	});
});

describe('the choices of an input', () => {
	it('show below the list what the selected one would change, and ask the host once for each', async () => {
		const opened = await openApp({
			choicePreviews: (value) => [
				{ title: 'Commits between', text: `Taken back since ${value.slice(0, 7)}:\n  a1b2c3d Trade faster` },
				{ title: 'The next deployment', text: 'The next pull brings the newer commit again.' },
			],
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('The next pull brings the newer commit again.');
		const first = /Taken back since (\S+):/.exec(opened.text())?.[1];
		expect(opened.text()).toContain('a1b2c3d Trade faster');
		await opened.terminal.press('j');
		await opened.terminal.waitFor(() => (/Taken back since (\S+):/.exec(opened.text())?.[1] ?? first) !== first);
		await opened.terminal.press('k');
		await opened.terminal.waitFor(`Taken back since ${first}:`);
		expect(opened.fake.calls.filter((call) => call.startsWith('choice previews'))).toHaveLength(2);
	});

	it('ask the host for nothing where the runbook shows nothing, or there is no room', async () => {
		const opened = await openApp({ columns: 80, rows: 12, choicePreviews: () => [{ title: 'A', text: 'b' }] });
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.arm();
		await opened.terminal.drawn();
		expect(opened.fake.calls.some((call) => call.startsWith('choice previews'))).toBe(false);
		expect(opened.text()).not.toContain('Reading what it would change');
	});

	it('say below the list all of the selected one, and what the marks mean', async () => {
		const { terminal, text } = await open();
		await terminal.press('enter');
		await terminal.waitFor('4 choices');
		expect(text()).toContain('takes the preset and makes the plan');
		expect(text()).toContain('✓ good     passed verification here');
		expect(text()).toContain('✗ bad      failed verification here');
		expect(text()).toMatch(/preset +what Enter takes/);
		await terminal.press('j');
		await terminal.waitFor(/─ 55aa910 ─/);
		expect(text()).toContain('takes it and makes the plan');
	});

	it('say that the next input comes, unless it is the last', async () => {
		const opened = await openApp({
			procedures: (usual) => usual.map((one) => ({ ...one, inputs: ['one', 'other'] })),
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices, input 1 of 2');
		expect(opened.text()).toContain('takes the preset and goes on to the next input');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('input 2 of 2');
		expect(opened.text()).toContain('takes the preset and makes the plan');
	});

	it('leave it out where there is no room', async () => {
		const { terminal, text } = await open(80, 12);
		await terminal.press('enter');
		await terminal.waitFor('4 choices');
		expect(text()).not.toContain('passed verification here');
	});
});

it('T says that there is one target only, and is not offered then', async () => {
	const { terminal, text } = await openApp({ others: [] }).then((opened) => {
		return opened;
	});
	expect(text()).not.toContain('T targets');
	await terminal.press('T');
	await terminal.waitFor('The config has this target only.');
});

it('the confirmation says at 40×12 what is interrupted', async () => {
	const { terminal } = await open(40, 12);
	await terminal.press('enter');
	await terminal.waitFor('Enter choose');
	await terminal.press('enter');
	await terminal.waitFor('Enter confirm');
	await terminal.press('enter');
	await terminal.waitFor('Start it now?');
	await terminal.waitFor('Interrupted: trading-engine');
});

it('the confirmation repeats what must be known afterwards, where there is room', async () => {
	const { terminal } = await open(80, 24);
	await terminal.press('enter');
	await terminal.waitFor('4 choices');
	await terminal.press('enter');
	await terminal.waitFor('Nothing has changed yet.');
	await terminal.press('enter');
	await terminal.waitFor(/│ To know {2}The work tree is left on the commit/);
	await terminal.waitFor('Start it now?');
});

it('a notice gives the last row back to the keys with the next key', async () => {
	const { terminal, text } = await open();
	await terminal.press('M');
	await terminal.waitFor('Mouse on:');
	const since = performance.now();
	while (text().includes('Mouse on:')) {
		await terminal.press('k');
	}
	// By itself it goes after the time that it takes to read it, more than six seconds.
	expect(performance.now() - since).toBeLessThan(6000);
	expect(terminal.screen().at(-1)).toContain('Enter open plan');
});
