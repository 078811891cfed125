import { expect, it } from 'vitest';
import type { Line } from '../../src/components/line.ts';
import type { AlertReading, LogErrorsReading, Reading } from '../../src/runbook/reading.ts';
import { alertsRows, alertsSummary } from '../../src/screens/dashboard/alerts-rows.ts';
import { hostRows } from '../../src/screens/dashboard/host-rows.ts';

const now = Date.UTC(2026, 0, 1);
const read = <T>(value: T, more: Partial<Reading<T>> = {}): Reading<T> => ({
	value,
	state: 'ok',
	at: now,
	maxAgeMs: 60_000,
	...more,
});
const text = (rows: readonly Line[]) => rows.map((row) => row.map((part) => part.text).join('')).join('\n');

it('says once how many errors the log has', () => {
	const errors: Reading<LogErrorsReading> = read(
		{ perMinute: 34, history: [0, 34], lastLine: undefined },
		{ state: 'warn', reason: '34 in the last minute' },
	);
	const others = {
		backups: read({ name: 'a.sql.gz', modifiedAt: now, bytes: 1, count: 1 }),
		disk: read({ usedPercent: 40, freeBytes: 1e9 }),
	};
	const said = text(hostRows({ ...others, logErrors: errors } as never, now, 60));
	expect(said).toContain('▲ Errors 34/min');
	expect(said).not.toContain('in the last minute');
	// Without an error the reason is all that is said of the state.
	const stopped = { ...errors, value: { perMinute: 0, history: [0], lastLine: undefined }, reason: 'engine is exited' };
	expect(text(hostRows({ ...others, logErrors: stopped } as never, now, 60))).toContain('engine is exited');
});

it('says once that no alert fires: in the panel, or in its title where that is all there is room for', () => {
	const none: Reading<readonly AlertReading[]> = read([]);
	expect(text([alertsSummary(none, now, 4)])).toBe('');
	expect(text(alertsRows(none, now))).toContain('● no alert is firing');
	expect(text([alertsSummary(none, now, 1)])).toBe('● none firing');
});
