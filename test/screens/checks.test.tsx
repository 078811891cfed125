import { describe, expect, it } from 'vitest';
import { checks, night } from './made-up.ts';
import { openApp } from './open-app.tsx';

const having = (id: string, more: object) => {
	const all = checks(night);
	return { ...all, checks: all.checks.map((check) => (check.id === id ? { ...check, ...more } : check)) };
};

describe('what the checks rest on', () => {
	it('is opened at the check that is selected: asked, came, when', async () => {
		const opened = await openApp();
		opened.fake.stores.verification.set(
			having('health', { evidence: 'connect ECONNREFUSED\n127.0.0.1:8080', at: night - 30_000 }),
		);
		await opened.terminal.press('2', 'j', 'enter');
		const [, , title = ''] = opened.terminal.screen();
		expect(title).toContain('Checks now');
		expect(title).toContain('✗ 2 of 5 failed');
		expect(opened.text()).toContain('✗ Health endpoint  failed');
		expect(opened.text()).toMatch(/checked \d\d:\d\d:50 \(30s ago\)/);
		expect(opened.text()).toContain('│ GET http://127.0.0.1:8080/health');
		expect(opened.text()).toMatch(/│ connect ECONNREFUSED\n.*│ 127\.0\.0\.1:8080/);
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Containers');
	});

	it('has no age before it was looked at', async () => {
		const opened = await openApp();
		opened.fake.stores.verification.set(having('health', { state: 'unknown', reason: 'not read yet', at: 0 }));
		await opened.terminal.waitFor('not read yet');
		expect(opened.text()).not.toMatch(/\dd ago/);
		await opened.terminal.press('2', 'j', 'enter');
		expect(opened.text()).toMatch(/not read yet *\n +not checked yet/);
		expect(opened.text()).not.toMatch(/\dd ago|1970/);
	});

	it('stays live, and scrolls by lines, by checks and to the end at 80×24', async () => {
		const opened = await openApp({ columns: 80, rows: 24 });
		opened.fake.stores.verification.set(having('errors', { evidence: 'ERROR one\n'.repeat(30) }));
		await opened.terminal.press('2', 'enter');
		const top = () => opened.terminal.screen()[3] ?? '';
		expect(top()).toContain('Container health');
		await opened.terminal.press('n');
		expect(top()).toContain('Health endpoint');
		await opened.terminal.press('n', 'n', 'N');
		expect(top()).toContain('IB connection');
		await opened.terminal.press('G');
		expect(opened.text()).toContain('GET http://127.0.0.1:8080/metrics');
		await opened.terminal.press('g');
		expect(opened.text()).toContain('trading-engine restarts');
		opened.fake.stores.verification.set(having('containers', { state: 'passed', reason: 'all 7 run again' }));
		await opened.terminal.waitFor('all 7 run again');
	});

	it('shows nothing of an escape sequence in what came', async () => {
		const opened = await openApp();
		opened.fake.stores.verification.set(having('containers', { evidence: 'a\u001b]0;owned\u0007b\u001b[2J' }));
		await opened.terminal.press('2', 'enter');
		await opened.terminal.waitFor('│ ab');
		expect(opened.terminal.raw).not.toContain('owned');
	});

	it('begins with the first check that does not pass', async () => {
		const opened = await openApp({ columns: 80, rows: 24 });
		opened.fake.stores.verification.set(checks(night, ['gateway']));
		await opened.terminal.press('2', 'enter');
		await opened.terminal.waitFor('disconnected from IB Gateway');
		expect(opened.terminal.screen()[3]).toContain('✗ IB connection');
	});

	it('of a run is its own: under way, then as it was kept', async () => {
		const opened = await openApp();
		await opened.terminal.press('r', 'enter');
		await opened.terminal.waitFor('Output of run');
		const run = opened.fake.runs[0]?.state;
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Checks now');
		run?.verification.set(checks(night, ['metrics']));
		await opened.terminal.waitFor(/Verification ━.*1 of 5 failed/);
		run?.verification.set(undefined);
		run?.run.update((now) => ({
			...now,
			state: 'succeeded',
			verified: {
				verdict: 'passed',
				at: night - 7_200_000,
				by: { user: 'ben', machine: 'desk' },
				reason: 'all held',
				checks: checks(night - 7_200_000, []).checks,
			},
		}));
		await opened.terminal.waitFor(/Verification ━.*✓ all 5 pass \(2h ago\)/);
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('Rolled back and verified 2h ago');
		expect(opened.text()).toContain('Output of run');
	});
});

describe('lists', () => {
	it('go from match to match with n and N while they are filtered', async () => {
		const opened = await openApp();
		const selected = () => opened.terminal.screen().find((row) => row.includes('› ')) ?? '';
		await opened.terminal.press('n');
		expect(selected()).toContain('Engine crash');
		await opened.terminal.press('/', ...'roll', 'enter');
		expect(selected()).toContain('Roll back to an image');
		await opened.terminal.press('n');
		expect(selected()).toContain('Roll back to a commit');
		await opened.terminal.press('n');
		expect(selected()).toContain('Roll back to an image');
		await opened.terminal.press('N');
		expect(selected()).toContain('Roll back to a commit');
	});

	it('longer than their panel say how much more there is, and scroll', async () => {
		const opened = await openApp({ rows: 24 });
		opened.fake.stores.alerts.update((reading) => ({
			...reading,
			value: Array.from({ length: 60 }, (_, index) => ({ name: `Alert${index}`, startsAt: night - 60_000 })),
		}));
		await opened.terminal.press('5', '+');
		await opened.terminal.waitFor('Alert0');
		expect(opened.text()).toContain('… 41 more');
		await opened.terminal.press('j', 'j');
		expect(opened.terminal.screen()[3]).toContain('Alert2');
		await opened.terminal.press('G');
		expect(opened.text()).toContain('Alert59');
		expect(opened.text()).not.toContain('more');
		await opened.terminal.press('pageUp');
		expect(opened.text()).not.toContain('Alert59');
		await opened.terminal.press('g');
		expect(opened.terminal.screen()[3]).toContain('Alert0');
	});
});
