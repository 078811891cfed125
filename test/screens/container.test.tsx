import { describe, expect, it } from 'vitest';
import { BackoutError } from '../../src/runbook/errors.ts';
import { type OpenedApp, openApp } from './open-app.tsx';

const open = async (columns = 120, rows = 40, key = 'enter') => {
	const opened = await openApp({ columns, rows });
	await opened.terminal.press('1', key);
	await opened.terminal.waitFor('State ');
	return opened;
};

describe('the page of a container', () => {
	it('says its state, what it was created with, its use and its log', async () => {
		const opened = await open(200, 60);
		await opened.terminal.waitFor('Created');
		const text = opened.text();
		expect(text).toMatch(/State +✗ restarting +last exit code 1/);
		expect(text).toMatch(/Restarts +7 since it was created/);
		expect(text).toMatch(/Image +trading-engine:latest/);
		expect(text).toContain('of commit a1b2c3d');
		expect(text).toContain('also tagged trading-engine:1.9.2');
		expect(text).toMatch(/History +2h +3\.8M {2}COPY \. \/app\s/);
		expect(text).toMatch(/ +– +29M {2}ADD file:1 in \//);
		expect(text).toMatch(/exit code 1 +curl: \(7\) connection refused/);
		expect(text).toMatch(/Ports +127\.0\.0\.1:8080 → 8080\/tcp/);
		expect(text).toContain('8000/tcp, not published');
		expect(text).toMatch(/Mounts +volume data → \/data, read only/);
		expect(text).toMatch(/Environment +MODE=paper/);
		expect(text).toContain('CPU, % of a core');
		expect(text).toContain('Log of trading-engine');
		expect(text).toContain('ERROR leverage above the cap');
	});

	it('opens the plan of a restart of its service, and asks for nothing before', async () => {
		const restart = {
			id: 'restart-service',
			title: 'Restart a service',
			group: 'Scenarios',
			when: '',
			risk: 'disruptive' as const,
			inputs: ['restarted'],
			serviceInput: 'restarted',
			undoable: true,
		};
		const opened = await openApp({ procedures: (usual) => [...usual, restart] });
		await opened.terminal.press('1', 'j', 'enter');
		await opened.terminal.waitFor('State ');
		const service = opened.fake.calls.findLast((call) => call.startsWith('log '))?.slice(4) ?? '';
		expect(opened.text()).toContain('r restart a service');
		await opened.terminal.press('r');
		await opened.terminal.waitFor('Press Enter, then y to start.');
		expect(opened.fake.calls).toContain(`plan restart-service {"restarted":"${service}"}`);
		expect(opened.fake.calls.some((call) => call.startsWith('inputs'))).toBe(false);
		await opened.terminal.press('esc');
		await opened.terminal.waitFor('State ');
	});

	it('offers the restart of a service before another procedure for one', async () => {
		const ofService = (id: string, title: string) => ({
			...{ id, title, group: 'Scenarios', when: '', risk: 'disruptive' as const, undoable: true },
			...{ inputs: ['chosen'], serviceInput: 'chosen' },
		});
		const two = [ofService('resume', 'Let an update go on'), ofService('restart-it', 'Restart a service')];
		const opened = await openApp({ procedures: (usual) => [...usual, ...two] });
		await opened.terminal.press('1', 'j', 'enter');
		await opened.terminal.waitFor('State ');
		expect(opened.text()).toContain('r restart a service');
		await opened.terminal.press('r');
		await opened.terminal.waitFor('Press Enter, then y to start.');
		expect(opened.fake.calls.some((call) => call.startsWith('plan restart-it {"chosen":'))).toBe(true);
	});

	it('offers no restart where the runbook has no procedure for a service', async () => {
		const opened = await open();
		expect(opened.text()).not.toMatch(/\br restart/);
		await opened.terminal.press('r');
		expect(opened.text()).toContain('State ');
	});

	it.each([
		[80, 24],
		[40, 12],
	])('is usable at %i×%i', async (columns, rows) => {
		const opened = await open(columns, rows, 'd');
		expect(opened.text()).toContain('State');
		await opened.terminal.press('G');
		await opened.terminal.waitFor(/Memory ─|nothing was read/);
		await opened.terminal.press('esc');
		await opened.terminal.waitFor(() => !opened.text().includes('State '));
	});

	it('follows what happens to the container, and asks the host again', async () => {
		const opened = await open();
		const asked = () => opened.fake.calls.filter((call) => call.startsWith('describe')).length;
		expect(asked()).toBe(1);
		opened.fake.stores.containers.update(({ value = [], ...one }) => ({
			...one,
			value: value.map((row) =>
				row.service === 'trading-engine'
					? { ...row, status: 'running', state: 'ok' as const, startedAt: one.at - 1 }
					: row,
			),
		}));
		await opened.terminal.waitFor(/State +● running/);
		await opened.terminal.waitFor(/trading-engine restarted, exit code 1/);
		expect(asked()).toBe(2);
		opened.fake.stores.containers.update(({ value = [], ...one }) => ({
			...one,
			value: value.filter(({ service }) => service !== 'trading-engine'),
		}));
		await opened.terminal.waitFor('There is no container abstractfinance-trading-engine-1 any more.');
	});

	it('gives the keys to its log by tab', async () => {
		const opened = await open();
		await opened.terminal.waitFor('Tab to the log');
		await opened.terminal.press('tab', 's');
		await opened.terminal.waitFor('paused');
		await opened.terminal.press('l');
		await opened.terminal.waitFor('S since');
		expect(opened.fake.calls).toContain('logs trading-engine newest');
	});

	const runs = (opened: OpenedApp) =>
		opened.fake.stores.containers.update(({ value = [], ...one }) => ({
			...one,
			value: value.map((row) =>
				row.service === 'trading-engine' ? { ...row, status: 'running', state: 'ok' as const } : row,
			),
		}));

	it('opens a shell in a container that runs, and says how it ended', async () => {
		const opened = await open();
		await opened.terminal.waitFor('docker exec -it');
		expect(opened.text()).not.toContain('x shell');
		runs(opened);
		await opened.terminal.waitFor('x shell');
		await opened.terminal.press('x');
		await opened.terminal.waitFor('The shell in abstractfinance-trading-engine-1 was open for 8s.');
		expect(opened.fake.calls).toContain('shell abstractfinance-trading-engine-1');
		await opened.terminal.waitFor('State ');
	});

	it('says why there is none, and what to do', async () => {
		const opened = await open();
		opened.fake.workspace.actions.openShell = () =>
			Promise.reject(
				new BackoutError('unreachable', 'the SSH server gives no terminal', { next: 'PermitTTY forbids it' }),
			);
		await opened.terminal.waitFor('docker exec -it');
		runs(opened);
		await opened.terminal.waitFor('x shell');
		await opened.terminal.press('x');
		await opened.terminal.waitFor(/no shell in \S+: the SSH server gives no terminal\. PermitTTY forbids it\./);
	});

	it('opens none where nothing may be changed', async () => {
		const opened = await openApp({ columns: 120, rows: 40, target: { readOnly: true } });
		runs(opened);
		await opened.terminal.press('1', 'enter');
		await opened.terminal.waitFor('State ');
		await opened.terminal.press('x');
		expect(opened.text()).not.toContain('x shell');
		expect(opened.fake.calls).not.toContain('shell abstractfinance-trading-engine-1');
	});
});
