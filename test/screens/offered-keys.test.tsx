// Walks the screens and presses every key that the last row offers: each must do something.
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/runbook/plan.ts';
import { checks, night } from './made-up.ts';
import { type OpenedApp, openApp } from './open-app.tsx';
import { openRun } from './open-run.ts';

type Options = Parameters<typeof openApp>[0];
type Opened = OpenedApp;

// Wide enough for every hint.
const size = { columns: 300, rows: 40 };

const toPlan = async (options: Options = {}, ready: string | RegExp = 'Nothing has changed yet') => {
	const opened = await openApp({ ...size, ...options });
	await opened.terminal.press('enter');
	await opened.terminal.waitFor('4 choices');
	await opened.terminal.press('enter');
	await opened.terminal.waitFor(ready);
	return opened;
};

const toEnd = async (failing: readonly string[]) => {
	const opened = await openRun(size);
	opened.run.output.append(new TextEncoder().encode('Step 1/9 : FROM python\nERROR no\n'));
	opened.run.run.update((now) => ({
		...now,
		state: 'succeeded',
		facts: { restore_point: 'rp' },
		steps: now.steps.map((step) => ({ ...step, state: 'succeeded' as const })),
	}));
	opened.run.verification.set({ ...checks(night, failing), final: true });
	await opened.terminal.waitFor(/and verified|Verification failed/);
	return opened;
};

const refused = (plan: Plan): Plan => ({
	...plan,
	preconditions: [{ id: 'disk', title: 'Room', state: 'failed', detail: '1 GiB free' }],
});

const screens: Readonly<Record<string, () => Promise<Opened>>> = {
	'the dashboard': () => openApp(size),
	'the dashboard with a run that has ended': async () => {
		const opened = await toEnd([]);
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('7 Procedures');
		return opened;
	},
	'the dashboard with a run': async () => {
		const opened = await openRun(size);
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('7 Procedures');
		return opened;
	},
	'the choices of an input': async () => {
		const opened = await openApp(size);
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		return opened;
	},
	'a plan': () => toPlan(),
	'a plan that is refused': () => toPlan({ plan: refused }, 'Refused'),
	'a run': async () => {
		const opened = await openRun(size);
		opened.run.output.append(new TextEncoder().encode('Step 1/9 : FROM python\n'));
		await opened.terminal.waitFor('Step 1/9');
		return opened;
	},
	'a run that is verified': () => toEnd([]),
	'a run whose verification failed': () => toEnd(['health']),
	'a container': async () => {
		const opened = await openApp(size);
		await opened.terminal.press('1', 'enter');
		await opened.terminal.waitFor('docker exec -it');
		return opened;
	},
	'the journal': async () => {
		const opened = await openApp(size);
		await opened.terminal.press('r');
		await opened.terminal.waitFor('2 in the journal');
		return opened;
	},
	'the journal, at a run that cannot be undone': async () => {
		const opened = await openApp(size);
		await opened.terminal.press('r');
		await opened.terminal.waitFor('2 in the journal');
		await opened.terminal.press('j');
		return opened;
	},
};

/** Keys as the last row names them, and as the terminal sends them. */
const sent: Readonly<Record<string, string>> = {
	Enter: 'enter',
	Esc: 'esc',
	Space: 'space',
	Tab: 'tab',
	'Ctrl-S': 'ctrl-s',
};

/** Returns the keys in the last row. */
const offered = ({ terminal }: Opened): string[] =>
	(terminal.screen().at(-1) ?? '')
		.trim()
		.split(/ {2,}/)
		.flatMap((hint) => hint.split(' ')[0] ?? []);

describe.each(Object.entries(screens))('%s', (name, open) => {
	it('offers only keys that do something', {
		timeout: 300_000,
		...(name.startsWith('a run') && { tags: 'long' }),
	}, async () => {
		const app = await open();
		const keys = offered(app);
		expect(keys).toContain('?');
		expect(keys.length).toBeGreaterThan(4);
		await app.terminal.close();
		for (const key of keys) {
			const opened = await open();
			const [before, calls] = [opened.text(), opened.fake.calls.length];
			await opened.terminal.press(sent[key] ?? key);
			const did = opened.text() !== before || opened.fake.calls.length > calls || opened.exits.length > 0;
			expect(did, `${key} did nothing`).toBe(true);
			await opened.terminal.close();
		}
	});
});

describe('what cannot be done is not offered', () => {
	it('X only while a run goes on, and it says so otherwise', async () => {
		const app = await openApp(size);
		expect(app.keyRow()).not.toContain('X cancel');
		await app.terminal.press('X');
		await app.terminal.waitFor('No run is in progress.');
		await app.terminal.close();
		const opened = await openRun(size);
		expect(opened.keyRow()).toContain('X cancel the run');
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('7 Procedures');
		expect(opened.keyRow()).toContain('X cancel the run');
		opened.run.run.update((now) => ({ ...now, state: 'succeeded' }));
		await opened.terminal.waitFor(() => !opened.keyRow().includes('X cancel'));
		await opened.terminal.press('X');
		await opened.terminal.waitFor('No run is in progress.');
		expect(opened.text()).not.toContain('Cancel Engine crash');
	});

	it('X on the screen of a run that has ended', async () => {
		const app = await toEnd([]);
		expect(app.keyRow()).not.toContain('X cancel');
		await app.terminal.press('X');
		await app.terminal.waitFor('there is nothing to cancel');
	});

	it('Enter on a plan that is refused', async () => {
		const app = await toPlan({ plan: refused }, 'Refused');
		expect(app.keyRow()).not.toContain('Enter');
	});

	it('undo only where there is something to undo', async () => {
		const app = await openApp(size);
		await app.terminal.press('r');
		await app.terminal.waitFor('2 in the journal');
		expect(app.keyRow()).toContain('U undo');
		await app.terminal.press('j');
		await app.terminal.waitFor(() => !app.keyRow().includes('U undo'));
		await app.terminal.press('esc', ':', ...'undo');
		await app.terminal.waitFor('plan the undo of Roll back to a commit');
		expect(app.text()).not.toContain('plan the undo of Gateway');
	});
});
