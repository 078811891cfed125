import { describe, expect, it } from 'vitest';
import { unread } from '../../src/runbook/reading.ts';
import { night } from './made-up.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

const open = async (...args: Parameters<typeof openApp>) => {
	const app = await openApp(...args);
	await app.terminal.waitFor('exit 1');
	return app;
};
const rowWith = (opened: OpenedApp, text: string) => opened.terminal.screen().find((row) => row.includes(text)) ?? '';

describe('what costs nothing', () => {
	it('writes nothing while the same readings come again and the clock ticks', async () => {
		const opened = await open();
		await opened.terminal.settle();
		const before = opened.terminal.raw.length;
		for (let second = 1; second <= 5; second++) {
			const at = night + second * 1000;
			opened.clock.set(at);
			opened.fake.stores.containers.update((reading) => ({ ...reading, at }));
			opened.fake.stores.verification.update(
				(now) => now && { ...now, checks: now.checks.map((check) => ({ ...check, at })) },
			);
			opened.fake.stores.link.update((link) => ({ ...link, heardAt: at, rttMs: 43 + (second % 2) }));
			await opened.terminal.settle();
		}
		expect(opened.terminal.raw.slice(before)).toBe('');
	});

	it('rewrites little when one figure changes', async () => {
		const opened = await open();
		await opened.terminal.settle();
		const before = opened.terminal.raw.length;
		opened.fake.stores.disk.update((reading) => ({
			...reading,
			value: reading.value && { ...reading.value, usedPercent: 72 },
		}));
		await opened.terminal.waitFor('72%');
		expect(opened.terminal.raw.length - before).toBeLessThan(400);
	});
});

describe('moving about', () => {
	it('says that there is no log to show while no container is known', async () => {
		const opened = await open();
		opened.fake.stores.containers.set({ ...unread(0, 'not read yet'), value: [] });
		await opened.terminal.waitFor((rows) => !rows.some((row) => /trading-engine +restarting/.test(row)));
		await opened.terminal.press('l');
		await opened.terminal.waitFor('No container is known yet');
	});

	it('keeps the selected container when the rows change their order', async () => {
		const opened = await open();
		await opened.terminal.press('1', 'j', 'j', 'j');
		opened.fake.stores.containers.update((reading) => ({ ...reading, value: [...(reading.value ?? [])].reverse() }));
		await opened.terminal.settle();
		await opened.terminal.press('l');
		expect(opened.fake.calls.at(-1)).toBe('logs prometheus newest');
	});

	it('keeps the selected procedure when another one is suggested', async () => {
		const opened = await open();
		await opened.terminal.press('j', 'j');
		opened.fake.stores.suggestion.set({ procedure: 'gateway-restart', why: 'the gateway is not connected' });
		await opened.terminal.waitFor('the gateway is not connected');
		expect(rowWith(opened, '› ')).toContain('Roll back to a commit');
	});

	it('filters the menu with /, and Esc brings it back', async () => {
		const opened = await open();
		await opened.terminal.press('/', 'd', 'a', 't', 'a', 'b');
		expect(opened.text()).toContain('/datab');
		expect(opened.text()).toContain('Restore the database');
		expect(opened.text()).not.toContain('Gateway does not connect');
		await opened.terminal.press('enter', 'esc');
		expect(opened.text()).toContain('Gateway does not connect');
	});

	it('leaves no row blank above the keys in one column', async () => {
		const opened = await openApp({ columns: 60, rows: 20 });
		await opened.terminal.waitFor('following');
		expect(opened.text()).toContain('8 Links');
		expect(opened.terminal.screen().slice(0, -1)).not.toContain('');
	});

	it('zooms the focused panel and comes back with Esc', async () => {
		const opened = await open();
		await opened.terminal.press('2', '+');
		expect(opened.text()).not.toContain('Containers');
		expect(opened.text()).toContain('IB connection');
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Containers');
	});

	it('explains the keys that work, from the bindings that are live', async () => {
		const opened = await open();
		await opened.terminal.press('?');
		expect(opened.text()).toMatch(/Enter +open plan/);
		expect(opened.text()).toMatch(/Ctrl-C +leave/);
		await opened.terminal.press('esc');
		expect(opened.text()).not.toContain('Ctrl-C');
	});

	it('goes to a target by name, lets go of the log, and follows it again on the way back', async () => {
		const opened = await open();
		await opened.terminal.press(':', 't', 'a', 'r', 'g', 'e', 't', ' ', 's', 't', 'a', 'enter');
		await opened.terminal.waitFor('READ-ONLY');
		expect(opened.terminal.screen()[0]).toContain('staging');
		expect(opened.fake.calls).toContain('close log trading-engine');
		await opened.terminal.press(':', ...'target production', 'enter');
		await opened.terminal.waitFor('03:10:02 ERROR leverage above the cap');
		expect(opened.fake.calls).not.toContain('close');
	});

	it('switches the target from the list', async () => {
		const opened = await open();
		await opened.terminal.press('T');
		expect(opened.text()).toContain('deploy@10.0.0.7');
		await opened.terminal.press('j', 'enter');
		await opened.terminal.waitFor('READ-ONLY');
	});
});

describe('leaving', () => {
	it('does not quit with Esc, however often', async () => {
		const opened = await open();
		await opened.terminal.press('esc', 'esc', 'esc');
		expect(opened.exits).toEqual([]);
		expect(opened.text()).toContain('Containers');
	});

	it('quits with q at the dashboard', async () => {
		const opened = await open();
		await opened.terminal.press('q');
		expect(opened.exits).toEqual([0]);
	});

	it('quits with :quit, and with a second ctrl-c', async () => {
		const first = await open();
		await first.terminal.press(':', ...'quit', 'enter');
		expect(first.exits).toEqual([0]);
		await first.terminal.close();
		const second = await open();
		await second.terminal.press('ctrl-c');
		await second.terminal.waitFor('Leave?');
		await second.terminal.press('ctrl-c');
		await second.terminal.waitFor(() => second.exits.length > 0);
	});

	it('shows the choices at ctrl-c, and stays unless told otherwise', async () => {
		const opened = await open();
		await opened.terminal.press('ctrl-c');
		expect(opened.text()).toContain('Leave?');
		await opened.arm();
		await opened.terminal.press('enter');
		expect(opened.exits).toEqual([]);
		await opened.terminal.press('ctrl-c');
		await opened.arm();
		await opened.terminal.press('q');
		expect(opened.exits).toEqual([0]);
	});
});
