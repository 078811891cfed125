import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pressUntil } from '../helpers/press-until.ts';
import type { Pty } from '../helpers/pty.ts';
import { breakLab, healLab, hostExec, judge, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

describe.skipIf(withoutLab)('the main job by keys, in a real terminal', () => {
	let info: LabInfo;
	let place: Workplace;
	let pty: Pty | undefined;

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
		place = createWorkplace(info);
	});
	afterEach(async () => {
		await pty?.close();
		pty = undefined;
		await healLab();
	});
	afterAll(() => place?.remove());

	const open = (size?: { columns: number; rows: number }) => {
		const opened = place.open([], size);
		pty = opened;
		return opened;
	};
	const row = (screen: readonly string[], text: string) => screen.find((line) => line.includes(text)) ?? '';

	test('a crash loop is seen, and four keys bring the engine back, verified', async () => {
		info = await breakLab('crash-commit');
		const terminal = open();
		await terminal.waitFor((screen) => /restarting/.test(row(screen, 'trading-engine  ')));
		await terminal.waitFor(/Suggested[^\n]*\n[^\n]*Engine crash after a deployment/);
		await terminal.waitFor(/checks failed/);

		terminal.press('enter');
		await terminal.waitFor(/was deployed here/);
		terminal.press('enter');
		await terminal.waitFor('Services interrupted');
		// The preview is below what is checked.
		await pressUntil(terminal, 'j', "KeyError: 'grace_minutes'");
		terminal.press('enter');
		await terminal.waitFor('Start it now?');
		await pressUntil(terminal, 'y', /step \d of \d|Steps done/);
		await terminal.waitFor('Steps done', 240_000);
		await terminal.waitFor('Rolled back and verified', 240_000);
		await terminal.waitFor(/Version\s+passed/);
		expect(await judge()).toMatchObject({ ok: true });
		expect((await hostExec('git rev-parse HEAD')).stdout.trim()).toBe(info.goodCommit);
	});

	test('a killed container and an engine that does not answer are on the screen at once', async () => {
		const terminal = open();
		await terminal.waitFor((screen) => /running/.test(row(screen, 'trading-engine  ')));
		await terminal.waitFor(/trading-engine 200/);
		await hostExec('docker stop -t 0 trading-engine');
		await terminal.waitFor((screen) => /exited/.test(row(screen, 'trading-engine  ')));
		await terminal.waitFor(/trading-engine (connection )?refused/);
	});

	test('disable-trading by keys: found by the filter, stopped, verified', { tags: 'long' }, async () => {
		const terminal = open();
		await terminal.waitFor('all 6 checks pass');
		terminal.press('/');
		terminal.send('disable');
		await terminal.waitFor((screen) => !screen.join().includes('Engine crash after'));
		// Ends the filter, then opens what it left.
		await pressUntil(terminal, 'enter', 'Nothing has changed yet', 20_000);
		terminal.press('enter');
		await terminal.waitFor('Start it now?');
		// No is the default: Enter goes back and changes nothing.
		const left = (screen: readonly string[]) => !screen.join().includes('Start it now');
		await pressUntil(terminal, 'enter', left, 20_000, 1000);
		expect((await hostExec('docker ps -q --filter name=trading-engine')).stdout).not.toBe('');
		terminal.press('enter');
		await terminal.waitFor('Start it now?');
		await pressUntil(terminal, 'y', /step \d of \d|Steps done/);
		await terminal.waitFor(/verified/, 180_000);
		expect((await hostExec('docker ps -q --filter name=trading-engine')).stdout).toBe('');
	});

	test('keys pasted before the confirmation opened do not answer it', async () => {
		const terminal = open();
		await terminal.waitFor('all 6 checks pass');
		terminal.press('/');
		terminal.send('gateway');
		await terminal.waitFor((screen) => !screen.join().includes('Engine crash after'));
		// Ends the filter, then opens what it left.
		await pressUntil(terminal, 'enter', 'Nothing has changed yet', 20_000);
		terminal.send('\ryyyyyyyy');
		await terminal.waitFor('Start it now?');
		await terminal.waitFor(/y starts/);
		expect((await place.run('runs', '--json')).stdout).not.toContain('gateway-restart');
	});

	test('the dashboard is whole at 80×24 and 200×60', async () => {
		for (const size of [
			{ columns: 80, rows: 24 },
			{ columns: 200, rows: 60 },
		]) {
			const terminal = open(size);
			await terminal.waitFor('all 6 checks pass');
			// The engine has no health check, and at 80×24 not all ten services have a row.
			await terminal.waitFor((screen) => /healthy/.test(row(screen, 'ibgateway')));
			const screen = terminal.screen();
			expect(screen).toHaveLength(size.rows);
			expect(screen.join('\n')).toContain('Engine crash');
			expect(screen.join('\n')).toContain('? all keys');
			await terminal.close();
		}
		pty = undefined;
	});

	test('a lost link is said, and comes back by itself', async () => {
		const terminal = open();
		await terminal.waitFor('all 6 checks pass');
		await breakLab('sshd-stopped');
		await terminal.waitFor(/link lost|reconnecting/);
		await healLab();
		await terminal.waitFor('link up');
		await terminal.waitFor('all 6 checks pass');
	});
});
