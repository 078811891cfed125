import { expect, test } from 'vitest';
import { interruptedWords, isInterrupted, resumeCommand } from '../../src/runbook/guard-run.ts';
import type { Run } from '../../src/runbook/run.ts';

const guard = { procedure: 'Roll back', forSeconds: 60, graceSeconds: 0, intervalSeconds: 1, lastingSeconds: 3 };
const run = (more: Partial<Run> = {}): Run =>
	({
		id: '20261129T110000Z-aaaaaa',
		state: 'lost',
		lostBy: 'restart',
		facts: {},
		steps: [
			{ id: 'watch', state: 'running', startedAt: 1 },
			{ id: 'back', state: 'pending' },
		],
		plan: { guard: { ...guard, checks: [], notAsked: [] }, risk: 'disruptive', target: 'shop' },
		...more,
	}) as unknown as Run;

test('a guard was interrupted if it died while it watched, and in no other case', () => {
	expect(isInterrupted(run())).toBe(true);
	expect(interruptedWords(run())).toContain('the host was restarted');
	expect(interruptedWords(run({ lostBy: 'death' }))).toContain('its processes on the host were ended');
	expect(isInterrupted(run({ state: 'running' }))).toBe(false);
	expect(isInterrupted(run({ state: 'cancelled' }))).toBe(true);
	expect(isInterrupted(run({ state: 'cancelled', cancelledBy: { user: 'ana', machine: 'desk' } }))).toBe(false);
	expect(isInterrupted(run({ facts: { guard: 'acts' } }))).toBe(false);
	expect(isInterrupted(run({ facts: { guard: 'well' } }))).toBe(false);
	// Its rollback had begun, although the fact was lost with the power.
	const begun = [
		{ id: 'watch', state: 'failed', startedAt: 1 },
		{ id: 'back', state: 'running', startedAt: 2 },
	];
	expect(isInterrupted(run({ steps: begun as unknown as Run['steps'] }))).toBe(false);
	expect(isInterrupted(run({ plan: { risk: 'disruptive' } as unknown as Run['plan'] }))).toBe(false);
});

test('the command to go on has the consent that the risk of the rollback needs', () => {
	expect(resumeCommand(run())).toContain('guard --resume 20261129T110000Z-aaaaaa --yes');
	const plan = { ...run().plan, risk: 'destructive' } as unknown as Run['plan'];
	expect(resumeCommand(run({ plan }))).toContain('--confirm shop');
});
