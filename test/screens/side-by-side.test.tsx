import { describe, expect, it } from 'vitest';
import { openTargets, well } from './open-targets.ts';

describe('two targets side by side', () => {
	const pair = () => {
		const standby = well('standby', { badge: 'reserve' });
		standby.stores.commit.update((reading) => ({
			...reading,
			value: reading.value && { ...reading.value, hash: '9f8e7d6c5b4a', subject: 'Before the cap' },
		}));
		standby.stores.containers.update((reading) => ({
			...reading,
			value: (reading.value ?? []).map((container) =>
				container.service === 'postgres' ? { ...container, imageId: 'sha256:feedbeef0001' } : container,
			),
		}));
		return { shown: { kind: 'compare', pair: ['production', 'standby'] } as const, others: [standby] };
	};

	it('marks what differs: the commit, an image, a check, a state; and not what is the same', async () => {
		const { terminal } = await openTargets({ ...pair(), columns: 160, rows: 60 });
		const text = terminal.screen().join('\n');
		expect(text).toMatch(/commit +a1b2c3d .* ≠ 9f8e7d6 “Before the cap”/);
		expect(text).toMatch(/Health endpoint +✗ failed: connection refused .* ≠ ✓ passed/);
		expect(text).toMatch(/trading-engine +✗ restarting .* ≠ ● running/);
		expect(text).toMatch(/postgres:latest 0123456789ab .* ≠ postgres:latest feedbeef0001/);
		expect(text).toMatch(/branch +main.* │ main/);
		expect(text).toMatch(/postgres +● healthy.* │ ● healthy/);
		// The badges of both, production's on red.
		expect(terminal.screen()[1]).toMatch(/ production .* standby RESERVE /);
	});

	it('stands below each other where there is little room', async () => {
		const { terminal } = await openTargets({ ...pair(), columns: 80, rows: 24 });
		expect(terminal.screen().join('\n')).toMatch(/commit +production +a1b2c3d.*\n +≠ standby +9f8e7d6/);
	});

	it('is reached from the list by a mark, and leads to a dashboard; looks closely at both', async () => {
		const app = await openTargets({ ...pair(), shown: { kind: 'targets' } });
		await app.terminal.press('space', 'G', 'c');
		expect(app.terminal.screen()[0]).toContain('Side by side');
		expect(app.fleet.calls.at(-1)).toBe('attend production standby');
		await app.terminal.press('tab', 'enter');
		expect(app.text()).toContain('Containers');
		expect(app.terminal.screen()[0]).toContain('standby');
	});

	it('is reached by name from a dashboard', async () => {
		const app = await openTargets({ ...pair(), shown: { kind: 'target', name: 'production' } });
		await app.terminal.press(':', ...'compare standby', 'enter');
		expect(app.terminal.screen()[0]).toContain('Side by side');
		await app.terminal.press('esc', 'esc');
		expect(app.terminal.screen()[0]).toContain('production');
	});
});
