import { describe, expect, it } from 'vitest';
import { checks, night } from './made-up.ts';
import { listed, lost, openTargets, well } from './open-targets.ts';

describe('marks', () => {
	it('of two targets are those that c compares, wherever the cursor is', async () => {
		const { terminal } = await openTargets({ others: [well('left'), well('right')] });
		await terminal.waitFor(/● right/);
		await terminal.press('j', 'space', 'j', 'space');
		await terminal.waitFor(() => terminal.screen().filter((row) => /^ ◆ (left|right) /.test(row)).length === 2);
		await terminal.press('g', 'c');
		await terminal.waitFor(/left and right|right and left/);
	});

	it('are not needed for two targets', async () => {
		const { terminal } = await openTargets({ others: [well('left')] });
		await terminal.waitFor(/● left/);
		await terminal.press('c');
		await terminal.waitFor('production and left');
	});

	it('leave the head of a short name whole', async () => {
		const { terminal } = await openTargets({ target: { name: 'qa' }, others: [well('b')] });
		await terminal.waitFor(/ TARGET /);
	});
});

describe('a link that is lost', () => {
	it('makes everything that was read of its target stale on the list in the same frame', async () => {
		const staging = well('staging');
		const { terminal } = await openTargets({ others: [staging] });
		await terminal.waitFor(/● staging .*✓ all 5 pass/);
		lost(staging);
		await terminal.waitFor(/✗ staging .*✗ lost/);
		expect(terminal.screen().find((row) => /^ . staging /.test(row))).not.toMatch(/✓|all 5 pass/);
	});

	it('makes its side of a comparison stale, and its values no differences', async () => {
		const [left, right] = [well('left'), well('right')];
		const { terminal } = await openTargets({
			shown: { kind: 'compare', pair: ['left', 'right'] },
			others: [left, right],
		});
		await terminal.waitFor('left');
		expect(terminal.screen().join('\n')).toMatch(/✓|passed/);
		lost(left);
		lost(right);
		await terminal.waitFor('lost');
		expect(terminal.screen().join('\n')).not.toMatch(/✓/);
	});
});

describe('all targets', () => {
	it('the worst first, each with what is wrong, and how many stand how', async () => {
		const opened = await openTargets();
		const { terminal } = opened;
		expect(listed(opened, 'production', 'standby', 'edge-1', 'edge-2')).toEqual([
			'production',
			'edge-1',
			'standby',
			'edge-2',
		]);
		const text = terminal.screen().join('\n');
		expect(text).toMatch(/✗ production .*● up 45 ms +✗ 2\/5 containers, health +6\/7 +a1b2c3d/);
		expect(text).toMatch(/✗ edge-1 .*✗ lost 30s/);
		expect(text).toMatch(/● standby +RESERVE .*✓ all 5 pass +7\/7/);
		expect(terminal.screen()[1]).toContain('✗ 1 failing  ✗ 1 unreachable  ● 2 well');
	});

	it.each([
		[80, 24],
		[200, 60],
	])('is whole at %i×%i: name, badge, link, checks and containers of every target', async (columns, rows) => {
		const { terminal } = await openTargets({ columns, rows });
		const text = terminal.screen().join('\n');
		expect(text).toMatch(/● standby +RESERVE .*● up 45 ms +✓ all 5 pass +7\/7/);
		expect(text).toMatch(/✗ production .*✗ 2\/5 contain/);
		expect(text).toContain('✗ Health endpoint: connection refused');
		for (const row of terminal.screen()) {
			expect([...row].length).toBeLessThanOrEqual(columns);
		}
	});

	it('says why the selected one is not reached', async () => {
		const { terminal } = await openTargets();
		await terminal.press('j');
		expect(terminal.screen().join('\n')).toContain('nothing was heard for 8 s');
	});

	it('what passed some time ago and is stale proves nothing', async () => {
		const { terminal, clock } = await openTargets();
		clock.set(night + 5 * 60_000);
		await terminal.settle();
		expect(terminal.screen()[1]).not.toContain('well');
		expect(terminal.screen().join('\n')).toMatch(/▲ standby .*✓ all 5 pass \(5m ago\).*◔7\/7.* 5m/);
	});

	it('selects with the mouse, and opens nothing by it', async () => {
		const { terminal } = await openTargets();
		await terminal.press('M');
		await terminal.waitFor('Mouse on');
		const row = terminal.screen().findIndex((line) => / . edge-2 /.test(line));
		await terminal.send(`\u001b[<0;10;${row + 1}M`);
		await terminal.settle();
		expect(terminal.cell(row, 4)?.isInverse()).toBeTruthy();
		expect(terminal.screen().join('\n')).toContain('All targets');
		await terminal.send(`\u001b[<64;10;${row + 1}M`);
		await terminal.settle();
		expect(terminal.cell(row - 1, 4)?.isInverse()).toBeTruthy();
	});

	it('the selection stays on its target when the order changes', async () => {
		const standby = well('standby');
		const { terminal } = await openTargets({ others: [standby, well('edge-2')] });
		await terminal.press('G');
		standby.stores.verification.set(checks(night, ['gateway']));
		standby.stores.link.update((link) => ({ ...link }));
		await terminal.waitFor('✗ 2 failing');
		await terminal.press('enter');
		expect(terminal.screen()[0]).toContain('edge-2');
	});

	it('filters, and esc goes back by one: filter, then the dashboard it came from', async () => {
		const app = await openTargets({ shown: { kind: 'target', name: 'production' } });
		await app.terminal.press('T', '/');
		await app.terminal.press('e', 'd', 'g', 'e', 'enter');
		expect(listed(app, 'production', 'standby', 'edge-1', 'edge-2')).toEqual(['edge-1', 'edge-2']);
		expect(app.text()).toContain('2 of 4');
		await app.terminal.press('esc');
		expect(listed(app, 'production', 'standby')).toEqual(['production', 'standby']);
		await app.terminal.press('esc');
		expect(app.text()).toContain('Containers');
		expect(app.terminal.screen()[0]).toContain('production');
	});

	it('esc never quits where there is nothing to go back to; q does', async () => {
		const { terminal, exits } = await openTargets();
		await terminal.press('esc', 'T', 'esc');
		expect(exits).toEqual([]);
		expect(terminal.screen()[0]).toContain('All targets');
		await terminal.press('q');
		expect(exits).toEqual([0]);
	});

	it('opens each target once, looks closely at the one that is shown, and closes none on the way', async () => {
		const app = await openTargets({ shown: { kind: 'target', name: 'production' } });
		expect(app.fleet.calls).toEqual(['attend production', 'open production']);
		await app.terminal.press('T');
		await app.terminal.press('G', 'enter');
		expect(app.terminal.screen()[0]).toContain('edge-2');
		await app.terminal.press('T');
		await app.terminal.press('enter');
		expect(app.fleet.calls.filter((call) => call.startsWith('open'))).toEqual([
			'open production',
			'open standby',
			'open edge-1',
			'open edge-2',
		]);
		expect(app.fleet.calls.filter((call) => call.startsWith('attend'))).toEqual([
			'attend production',
			'attend',
			'attend edge-2',
			'attend',
			'attend edge-2',
		]);
		expect(app.fake.calls).not.toContain('close');
	});

	it('writes nothing while the same readings come again and the clock ticks', async () => {
		const app = await openTargets();
		await app.terminal.settle();
		const before = app.terminal.raw.length;
		for (let second = 1; second <= 9; second++) {
			app.clock.set(night + second * 1000);
			for (const name of ['containers', 'commit'] as const) {
				const store = app.fake.stores[name] as { update(change: (now: { at: number }) => unknown): void };
				store.update((reading) => ({ ...reading, at: night + second * 1000 }));
			}
			app.fake.stores.verification.set(checks(night + second * 1000));
			await app.terminal.settle();
		}
		expect(app.terminal.raw.slice(before)).toBe('');
	});

	it('shows what a target asks, and for which host', async () => {
		const app = await openTargets();
		const answers: (string | undefined)[] = [];
		app.fleet.asked.set({
			kind: 'passphrase',
			prompt: 'Passphrase for /home/mara/.ssh/id_ed25519',
			host: 'deploy@edge-2.example',
			answer: (text) => {
				answers.push(text);
				app.fleet.asked.set(undefined);
			},
		});
		await app.terminal.waitFor('for deploy@edge-2.example');
		await app.arm();
		await app.terminal.press('s', 'e', 's', 'a', 'm', 'enter');
		expect(answers).toEqual(['sesam']);
	});

	it('while a confirmation is open no key leads to another target; what was planned before is planned again', async () => {
		const app = await openTargets({ shown: { kind: 'target', name: 'production' } });
		await app.terminal.press('enter');
		await app.terminal.waitFor('4 choices');
		await app.terminal.press('enter');
		await app.terminal.waitFor('Nothing has changed yet.');
		await app.terminal.press('enter');
		await app.terminal.waitFor('Start it now?');
		await app.arm();
		await app.terminal.press('T', ':');
		expect(app.text()).toContain('Start it now?');
		expect(app.terminal.screen()[0]).toContain('production');
		await app.terminal.press('esc', 'T', 'G', 'enter');
		expect(app.terminal.screen()[0]).toContain('edge-2');
		await app.terminal.press(':', ...'target production', 'enter');
		await app.terminal.waitFor('✗ 2 of 5 checks failed');
		expect(app.text()).not.toMatch(/Start it now|Nothing has changed yet/);
		await app.terminal.press('y');
		expect(app.fake.calls.filter((call) => call.startsWith('start'))).toEqual([]);
	});

	it('a run that is followed is followed on while another target is shown', async () => {
		const app = await openTargets({ shown: { kind: 'target', name: 'production' } });
		await app.terminal.press('r', 'enter');
		await app.terminal.waitFor('Roll back to a commit on production');
		const before = app.terminal.screen()[2];
		await app.terminal.press('T', 'G', 'enter');
		expect(app.terminal.screen()[0]).toContain('edge-2');
		await app.terminal.press(':', ...'target production', 'enter');
		await app.terminal.waitFor('production');
		expect(app.terminal.screen()[2]).toBe(before);
		expect(app.fake.calls.filter((call) => call.startsWith('attach'))).toHaveLength(1);
	});
});

describe('a target with several hosts', () => {
	const instead = 'instead of ops@m1 (connection refused)';
	const second = () => {
		const one = well('several');
		one.stores.link.update((link) => ({ ...link, host: 'ops@m2', instead }));
		return one;
	};

	it('is listed with the host that is asked, and says why below', async () => {
		const { terminal } = await openTargets({ others: [second()] });
		await terminal.waitFor(/● several +ops@m2 /);
		await terminal.press('j');
		await terminal.waitFor((screen) => screen.some((row) => row.includes(`▲ ${instead}`)));
	});

	it('is compared under that name', async () => {
		const { terminal } = await openTargets({
			others: [second(), well('right')],
			shown: { kind: 'compare', pair: ['several', 'right'] },
		});
		await terminal.waitFor(/ several +ops@m2 /);
	});
});
