import { describe, expect, it } from 'vitest';
import { notWatched, type Reading, unread } from '../../src/runbook/reading.ts';
import type { Store } from '../../src/stores/store.ts';
import { checks, night } from './made-up.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

const open = async (...args: Parameters<typeof openApp>) => {
	const app = await openApp(...args);
	await app.terminal.waitFor('exit 1');
	return app;
};
const rowWith = (opened: OpenedApp, text: string) => opened.terminal.screen().find((row) => row.includes(text)) ?? '';

describe('what the dashboard shows at 120×40', () => {
	it('says where one is, how it is reached, how it is, and what is deployed', async () => {
		const opened = await open();
		const [first = '', second = ''] = opened.terminal.screen();
		expect(first).toContain('production');
		expect(first).toContain('root@94.130.228.55:/srv/abstractfinance');
		expect(first).toContain('● link up 45 ms');
		expect(second).toContain('✗ 2 of 5 checks failed');
		expect(second).toContain('containers, health');
		expect(second).toContain('a1b2c3d main +2 local 14m old');
		expect(second).toContain('no lock');
	});

	it('says how old the image of the main service is, beside the commit', async () => {
		const opened = await open({ columns: 140, target: { mainService: 'trading-engine' } });
		expect(opened.text()).not.toContain('image 2h');
		opened.fake.stores.containers.update((reading) => ({
			...reading,
			value: reading.value?.map((one) => ({ ...one, imageCreatedAt: night - 2 * 3_600_000 })),
		}));
		await opened.terminal.waitFor('14m old  image 2h old');
	});

	it.each([
		['of the main service while another is as badly off', 'postgres', ['postgres', 'trading-engine'], 'postgres'],
		['of the main service while all are well', 'loki', [], 'loki'],
		['of what is worse off than the main service', 'trading-engine', ['postgres'], 'postgres'],
	])('begins with the log %s', async (_, mainService, starting, shown) => {
		const app = await openApp({
			target: { mainService },
			containers: (usual) =>
				usual.map((one) => ({ ...one, status: 'running', state: starting.includes(one.service) ? 'warn' : 'ok' })),
		});
		await app.terminal.waitFor(`Log of ${shown} `);
	});

	it('goes on to the log of one that turns out to be down, until the operator has turned to the log', async () => {
		const of =
			(down: readonly string[], warn: readonly string[] = []) =>
			<Container extends { readonly service: string }>(one: Container): Container => ({
				...one,
				status: 'running',
				state: down.includes(one.service) ? 'down' : warn.includes(one.service) ? 'warn' : 'ok',
			});
		const opened = await openApp({
			target: { mainService: 'trading-engine' },
			containers: (usual) => usual.map(of([], ['ibgateway'])),
		});
		const update = (down: readonly string[], warn: readonly string[] = []) =>
			opened.fake.stores.containers.update((reading) => ({ ...reading, value: reading.value?.map(of(down, warn)) }));
		await opened.terminal.waitFor('Log of ibgateway ');
		// It is the worst one for a while before it is down.
		update([], ['trading-engine']);
		await opened.terminal.waitFor(/▲ trading-engine/);
		update(['trading-engine']);
		await opened.terminal.waitFor('Log of trading-engine ');
		await opened.terminal.press('9');
		update(['loki']);
		await opened.terminal.waitFor(/✗ loki/);
		expect(opened.text()).toContain('Log of trading-engine ');
	});

	it('has every state as a glyph and a word', async () => {
		const opened = await open({ depth: 'none' });
		expect(rowWith(opened, 'trading-engine  ')).toMatch(/✗ trading-engine +restarting +7/);
		expect(rowWith(opened, 'ibgateway')).toMatch(/● ibgateway +healthy .* 41%/);
		expect(opened.text()).toMatch(/✗ Health endpoint +failed +connection refused/);
		expect(opened.text()).toMatch(/◉ Restore the database +destructive/);
		expect(opened.text()).toMatch(/✗ critical EngineDown 4m/);
		const looks = [...opened.terminal.raw.matchAll(/\u001b\[([\d;]*)m/g)].flatMap(([, codes = '']) => codes.split(';'));
		expect(looks.filter((code) => /^([34][0-8]|[39][0-7]|10[0-7])$/.test(code))).toEqual([]);
	});

	it('calls nothing unknown that the runbook does not watch', async () => {
		const opened = await open({ depth: 'none' });
		const { alerts, metrics, backups, commit } = opened.fake.stores;
		for (const store of [alerts, metrics, backups, commit]) {
			(store as Store<Reading<never>>).set(unread(0, notWatched));
		}
		await opened.terminal.waitFor(/Alerts ─+ – not watched/);
		await opened.terminal.waitFor(/Metrics ─+ – not watched/);
		await opened.terminal.waitFor('– Backup not watched ');
		expect(opened.terminal.screen()[1]).not.toContain('commit');
		expect(opened.text()).not.toContain('unknown');
	});

	it.each([
		[120, 40],
		[200, 60],
	])('shows what CPU and memory did where there is room, at %dx%d', async (columns, rows) => {
		const opened = await open({ columns, rows });
		// 812 of 1024 MiB.
		expect(rowWith(opened, 'ibgateway')).toMatch(/41% +█ +812M +▇/);
		expect(rowWith(opened, 'Disk')).toMatch(/Disk +█{5,9}·{2,3} 71% {2}21 GiB free/);
		const holding = { ...checks(night, []), holdingSince: night - 15_000 };
		opened.fake.stores.verification.set({ ...holding, verdict: 'unknown' });
		await opened.terminal.waitFor('✓ held 0:15 of 0:30 ███···');
	});

	it('suggests what fits first, with its reason, and does not name it twice', async () => {
		const opened = await open();
		const rows = opened.terminal.screen();
		const suggested = rows.findIndex((row) => row.includes('Suggested'));
		expect(rows[suggested + 1]).toContain('› ◐ Engine crash after a deployment');
		expect(rows[suggested + 2]).toContain('trading-engine restarts again and again (7');
		expect(rows.filter((row) => row.includes('Engine crash after a deployment'))).toHaveLength(1);
	});

	it.each([
		[120, 40],
		[80, 24],
	])('shows what else fits below it, in order, each once, at %i×%i', async (columns, rows) => {
		const opened = await open({ columns, rows });
		opened.fake.stores.suggestion.set({
			procedure: 'failed-deployment',
			why: 'two services keep restarting (grafana is restarting)',
			others: [{ procedure: 'engine-crash', why: 'the engine crashes (exit code 1)' }],
		});
		await opened.terminal.waitFor(
			/Suggested[\s\S]*› ◐ Failed deployment[\s\S]*two services keep[\s\S]*grafana is[\s\S]*Fits, too[\s\S]*◐ Engine crash after a d[\s\S]*the engine crashes \(exit[\s\S]*Scenarios[\s\S]*Configuration error/,
		);
		expect(opened.text().match(/Engine crash after a d/g)).toHaveLength(1);
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Failed deployment: choosing changes nothing');
	});

	it('fills exactly its rows, and no row is wider than the screen', async () => {
		for (const [columns, rows] of [
			[120, 40],
			[80, 24],
			[200, 60],
			[40, 12],
		] as const) {
			const opened = await openApp({ columns, rows });
			const screen = opened.terminal.screen();
			expect(screen).toHaveLength(rows);
			expect(screen.at(-1)).toContain('all keys');
			expect(opened.terminal.cursor.row).toBe(rows - 1);
			await opened.terminal.close();
		}
	});
});

describe('other sizes', () => {
	it('names every panel at 80×24', async () => {
		const opened = await open({ columns: 80, rows: 24 });
		for (const title of [
			'Containers',
			'Checks',
			'Health',
			'Host',
			'Alerts',
			'Metrics',
			'Procedures',
			'Log of trading-engine',
		]) {
			expect(opened.text()).toContain(title);
		}
		expect(opened.text()).toContain('◐ Roll back to a commit');
	});

	it('shows the focused panel and the titles of others at 40×12', async () => {
		const opened = await openApp({ columns: 40, rows: 12 });
		expect(opened.text()).toContain('› ◐ Engine crash');
		expect(opened.text()).toContain('✗ 1 down');
		await opened.terminal.press('1');
		expect(rowWith(opened, 'ibgateway')).toContain('healthy');
	});

	it('says in one line that 30×8 is too small, and is whole again after a resize', async () => {
		const opened = await openApp({ columns: 30, rows: 8 });
		expect(opened.terminal.screen().filter((row) => row !== '')).toEqual(['too small (min 40×12), q quits']);
		opened.terminal.resize(120, 40);
		await opened.terminal.waitFor('all keys');
		expect(opened.text()).toContain('Containers');
	});
});

describe('words that say something', () => {
	it('an exit code and a refused connection are whole at 120×40', async () => {
		const opened = await open();
		opened.fake.stores.containers.update((reading) => ({
			...reading,
			value: reading.value?.map((one) => (one.state === 'down' ? { ...one, status: 'exited', exitCode: 137 } : one)),
		}));
		await opened.terminal.waitFor('exited (137)');
		expect(rowWith(opened, '✗ trading-engine refused')).not.toContain('…│ Orders');
	});

	it('the palette keeps the names at 40×12, and a summary its first words', async () => {
		const opened = await openApp({ columns: 40, rows: 12 });
		expect(rowWith(opened, '1 Containers')).toMatch(/✗ 1 down ▲ 1 warn ─$/);
		await opened.terminal.press(':');
		await opened.terminal.waitFor('Go to');
		await opened.terminal.press('d', 'i', 's', 'r');
		expect(opened.text()).toMatch(/› rollback-image +Roll back/);
		expect(opened.text()).toMatch(/failed-deployment +Failed/);
	});

	it('a log stays in sight under a dialog', async () => {
		const opened = await open();
		await opened.terminal.press('ctrl-c');
		expect(opened.text()).toContain('Leave?');
		expect(opened.text()).toContain('03:10:02 ERROR leverage above the cap');
		opened.fake.stores.link.update((link) => ({ ...link, rttMs: 200 }));
		await opened.arm();
		await opened.terminal.press('esc');
		expect(opened.text()).not.toContain('Leave?');
		expect(opened.text()).toContain('03:10:02 ERROR leverage above the cap');
	});
});

describe('what is old or not known', () => {
	it('looks stale with its age when readings stop coming', async () => {
		const opened = await open();
		opened.clock.set(night + 3 * 60_000);
		await opened.terminal.waitFor('stale 3m');
		expect(rowWith(opened, '1 Containers')).toContain('◔ stale 3m');
		expect(rowWith(opened, 'checks failed')).toContain('3m ago');
	});

	it('says unknown and why, while the other panels go on', async () => {
		const opened = await open();
		opened.fake.stores.metrics.set({
			value: undefined,
			state: 'unknown',
			reason: 'the metrics do not parse',
			at: 0,
			maxAgeMs: 10_000,
		});
		await opened.terminal.waitFor('unknown: the metrics do n');
		expect(rowWith(opened, 'ibgateway')).toContain('healthy');
	});

	it('counts down to the next try when the link is lost, with the reason', async () => {
		const opened = await open();
		opened.fake.stores.link.set({
			status: 'reconnecting',
			since: night,
			heardAt: night - 20_000,
			retryAt: night + 4000,
			attempt: 2,
			reason: 'no route to host',
		});
		await opened.terminal.waitFor('✗ link lost, reconnecting in 4s (try 2), heard 20s ago: no route to host');
		opened.clock.set(night + 1000);
		await opened.terminal.waitFor('reconnecting in 3s');
	});

	it('names who holds the lock, and since when', async () => {
		const opened = await open();
		opened.fake.stores.lock.set({
			run: 'r1',
			who: { user: 'ben', machine: 'desk' },
			since: night - 120_000,
			reason: '',
			procedure: 'rollback-image',
		});
		await opened.terminal.waitFor('◆ locked by ben@desk: rollback-image 2m');
	});

	it('says in the header and in the journal that a run waits for its operator', async () => {
		const opened = await open();
		opened.fake.stores.runs.update((runs = []) =>
			runs.map((run, at) => (at === 0 ? { ...run, state: 'running' as const, waits: 'Pull the plug.' } : run)),
		);
		await opened.terminal.waitFor('▲ a run waits for you (r)');
		await opened.terminal.press('r');
		await opened.terminal.waitFor(/▲ .* waits .*for you: Pull/);
	});

	it('shows nothing of an escape sequence in what a host says', async () => {
		const opened = await open();
		opened.fake.stores.commit.update((reading) => ({
			...reading,
			value: reading.value && { ...reading.value, subject: 'fix\u001b]0;owned\u0007 \u001b[2Jit' },
		}));
		await opened.terminal.waitFor('“fix it”');
		expect(opened.terminal.raw).not.toContain('owned');
	});
});
