import { expect, it } from 'vitest';
import type { Verification } from '../../src/runbook/check.ts';
import { verdictLine } from '../../src/screens/dashboard/checks-rows.ts';

const now = Date.UTC(2026, 0, 1);
const said = (ids: readonly string[], named?: boolean) =>
	verdictLine(
		{
			checks: ids.map((id) => ({ id, title: id, state: 'passed', reason: '', asked: '', evidence: '', at: now })),
			verdict: 'passed',
		} as unknown as Verification,
		now,
		named,
	)
		.map(({ text }) => text)
		.join('');

it('says how many checks pass, and that the version is among them', () => {
	expect(said(['health'])).toBe('✓ the check passes');
	expect(said(['health', 'errors'])).toBe('✓ both checks pass');
	expect(said(['health', 'errors'], false)).toBe('✓ both pass');
	expect(said(['health', 'errors', 'metrics'])).toBe('✓ all 3 checks pass');
	expect(said(['health', 'errors', 'version'], false)).toBe('✓ all 3 pass, the version too');
});
