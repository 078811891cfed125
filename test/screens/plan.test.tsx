import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/runbook/plan.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

/** Goes from the dashboard to the plan of the suggestion. */
const openPlan = async (options: Parameters<typeof openApp>[0] = {}) => {
	const opened = await openApp(options);
	await opened.terminal.press('enter');
	await opened.terminal.waitFor('choices');
	await opened.terminal.press('enter');
	await opened.terminal.waitFor(/Nothing has changed yet|Refused/);
	return opened;
};

const row = (opened: OpenedApp, text: string) =>
	opened
		.text()
		.split('\n')
		.find((one) => one.includes(text)) ?? '';
const rowAt = (opened: OpenedApp, text: string) =>
	opened
		.text()
		.split('\n')
		.findIndex((one) => one.includes(text));

/** A plan as of a real host: long scripts, a long traceback, many checks. */
const long = (plan: Plan): Plan => ({
	...plan,
	preconditions: Array.from({ length: 8 }, (_, index) => ({
		id: `check-${index}`,
		title: `Check number ${index}`,
		state: 'passed' as const,
		detail: 'as it should be',
	})),
	steps: plan.steps.map((step, index) => ({
		...step,
		script: `${step.script}${'true # one of many lines\n'.repeat(60)}`,
		...(index === 1 && { summary: 'Makes new images; what runs is not touched.', expected: { ms: 14_000, runs: 3 } }),
	})),
	previews: [
		{
			title: "The engine's last traceback",
			text: `Traceback (most recent call last):\n${'  File "/app/src/engine.py", line 41, in run\n'.repeat(30)}KeyError: 'grace_minutes'\n`,
		},
		...plan.previews.slice(1),
	],
});

describe.each([
	[120, 40],
	[80, 24],
])('the first screen of a plan at %i×%i', (columns, rows) => {
	it('says what will be done, what is interrupted, and what matters afterwards', async () => {
		const opened = await openPlan({ columns, rows, plan: long });
		expect(opened.text()).toMatch(/Services interrupted {2}trading-engine: about a minute/);
		expect(opened.text()).toContain('3 steps on the host');
		expect(opened.text()).toMatch(/1\. Save a restore point +1m at most/);
		expect(opened.text()).toMatch(/2\. Build the commit beside what runs +usually 14s/);
		expect(opened.text()).toMatch(/3\. Wait until the engine is healthy +wait, 3m at most/);
		expect(opened.text()).toContain('The work tree is left on the commit');
		expect(opened.text()).toContain('✓ 8 pre-flight checks pass');
		expect(opened.text()).not.toContain('Check number');
		expect(opened.text()).not.toContain('one of many lines');
		expect(opened.text()).toContain('Press Enter, then y to start.');
	});

	it('says what each step changes, where there is room below its title', async () => {
		const summary = 'Builds its images from a copy of the repository, and changes nothing that runs at the moment.';
		const opened = await openPlan({
			columns,
			rows,
			plan: (made) => ({ ...made, previews: [], steps: made.steps.map((step) => ({ ...step, summary })) }),
		});
		const said = summary.slice(0, columns - 10);
		expect(opened.text().split(said).length - 1).toBe(rows < 30 ? 0 : 3);
	});

	it('has the exception of the last traceback, below everything else', async () => {
		const opened = await openPlan({ columns, rows, plan: long });
		expect(opened.text()).toContain("The engine's last traceback");
		expect(opened.text()).toContain("KeyError: 'grace_minutes'");
		expect(rowAt(opened, 'KeyError')).toBeGreaterThan(rowAt(opened, 'pre-flight checks pass'));
	});
});

describe('what a step does', () => {
	it('stands beside it where there is room', async () => {
		expect(row(await openPlan({ plan: long }), '2. Build')).toContain('Makes new images; what runs is not touched.');
	});
});

describe('a plan that is refused', () => {
	const refused = (plan: Plan): Plan => {
		const [first, ...rest] = long(plan).preconditions;
		const detail =
			'the commit 8213601 is what is deployed already; choose another one, the one before it is the last that was good';
		return first === undefined
			? plan
			: { ...long(plan), preconditions: [{ ...first, title: 'Another commit', state: 'failed', detail }, ...rest] };
	};

	it.each([
		[120, 40],
		[80, 24],
	])('shows what fails whole, first, and offers no Enter, at %i×%i', async (columns, rows) => {
		const opened = await openPlan({ columns, rows, plan: refused });
		const shown = opened.text().replaceAll(/\s+/g, ' ');
		expect(shown).toContain('1 of 8 pre-flight checks does not pass: it cannot start');
		expect(shown).toMatch(/✗ Another commit failed .*the last that was good.*3 steps on the host/);
		expect(shown).toMatch(/Refused: .*the last that was good\. Nothing was changed\./);
		expect(shown).toContain('✓ 7 pre-flight checks pass');
		expect(opened.keyRow()).not.toContain('Enter');
		await opened.terminal.press('enter');
		expect(opened.text()).not.toContain('Start it now?');
	});
});

describe('unfolding', () => {
	it('shows a step’s commands with their values, and folds them again', async () => {
		const opened = await openPlan();
		await opened.terminal.press('j');
		expect(opened.keyRow()).toContain('o unfold');
		await opened.terminal.press('o');
		expect(opened.text()).toContain('git worktree add --detach "$build_dir" "$commit"');
		expect(opened.text()).toMatch(/service += trading-engine/);
		expect(opened.text()).toMatch(/commit += b7e2f0190c3d/);
		expect(opened.keyRow()).toMatch(/o fold/);
		await opened.terminal.press('o');
		expect(opened.text()).not.toContain('git worktree add');
	});

	it('shows everything at once: commands, what they call, and every value', async () => {
		const opened = await openPlan({
			rows: 70,
			plan: (plan) => ({
				...plan,
				steps: plan.steps.map((step) => ({ ...step, script: `say "$service"\n${step.script}` })),
			}),
		});
		expect(opened.text()).toContain('1 function that the steps call');
		await opened.terminal.press('O');
		expect(opened.text()).toContain('mkdir -p "$restore_dir"');
		expect(opened.text()).toContain('docker inspect --format');
		expect(opened.text()).toContain('say() { printf');
		expect(opened.text()).toContain('Docker answers  28.1.1');
		expect(opened.text()).toMatch(/directory += \/srv\/abstractfinance/);
		await opened.terminal.press('O');
		expect(opened.text()).not.toContain('mkdir -p');
	});

	it('masks a secret among the values', async () => {
		const opened = await openPlan({
			plan: (plan) => ({ ...plan, environment: { ...plan.environment, db_password: 'correct-horse-battery' } }),
		});
		await opened.terminal.press('O', 'G');
		expect(opened.text()).toMatch(/db_password += ••••/);
		expect(opened.text()).not.toContain('correct-horse');
	});

	it('jumps from section to section, to the first rows of each', async () => {
		const opened = await openPlan({ columns: 80, rows: 24, plan: long });
		await opened.terminal.press(']', ']', 'o');
		await opened.terminal.waitFor('Check number 7');
		await opened.terminal.press('o', ']', ']', ']', 'o');
		await opened.terminal.waitFor('Traceback (most recent call last):');
		await opened.terminal.press('[', '[', '[', 'o');
		await opened.terminal.waitFor('Check number 0');
	});

	it('finds a text in what is folded, the next one and the one before', async () => {
		const opened = await openPlan({ columns: 80, rows: 24, plan: long });
		await opened.terminal.press('/', ...'Build_dir', 'enter');
		await opened.terminal.waitFor('git worktree add --detach "$build_dir" "$commit"');
		await opened.terminal.press('/', ...'number', 'enter');
		await opened.terminal.waitFor('Check number 0');
		await opened.terminal.press('N');
		await opened.terminal.waitFor('Check number 7');
		await opened.terminal.press('/', ...'nowhere', 'enter');
		await opened.terminal.waitFor('nothing has “nowhere” in it');
	});

	it('keeps Enter for going on: it unfolds nothing, and the question says No', async () => {
		const opened = await openPlan();
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Start it now?');
		expect(opened.text()).not.toContain('mkdir -p "$restore_dir"');
	});
});
