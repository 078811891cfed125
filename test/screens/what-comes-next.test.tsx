import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/runbook/plan.ts';
import { checks, night } from './made-up.ts';
import { failFirstStep, openRun } from './open-run.ts';

const note = 'The next pull deploys the newer commit again: fix or revert it there first.';
const plan = (made: Plan): Plan => ({
	...made,
	notes: [note],
	changes: [
		{ service: 'trading-engine', action: 'recreate', why: [] },
		{ service: 'grafana', action: 'keep', why: [] },
	],
});

/** Opens a run whose steps are done. */
const openDone = async (options: Parameters<typeof openRun>[0] = {}) => {
	const opened = await openRun({ plan, ...options });
	opened.run.run.update((now) => ({
		...now,
		state: 'succeeded',
		steps: now.steps.map((step) => ({ ...step, state: 'succeeded' as const })),
		facts: { restore_point: 'rp', commit: 'a1b2c3d4e5f6' },
	}));
	return opened;
};

describe.each([
	[120, 40],
	[80, 24],
])('the end of a run at %i×%i', (columns, rows) => {
	it('says below the verdict what was changed and what must be known', async () => {
		const { terminal, run, text, keyRow } = await openDone({ columns, rows });
		expect(text()).not.toContain('To know');
		run.verification.set({ ...checks(night, []), final: true });
		await terminal.waitFor('Rolled back and verified');
		expect(text()).toMatch(/Changed {2}trading-engine recreated; commit a1b2c3d → b7e2f01/);
		expect(text().replaceAll(/\s+/g, ' ')).toContain(`To know ${note}`);
		expect(text()).not.toContain('Next');
		expect(keyRow()).not.toContain('o plan');
	});

	it('says after a failed verification what fits next, and one key plans it', async () => {
		const { terminal, run, text, fake, keyRow } = await openDone({ columns, rows });
		fake.stores.suggestion.set({ procedure: 'failed-deployment', why: 'grafana restarts again and again' });
		run.verification.set({ ...checks(night, ['containers']), final: true, reason: 'grafana is restarting' });
		await terminal.waitFor('Verification failed: grafana is restarting');
		expect(text().replaceAll(/\s+/g, ' ')).toContain(
			'Next o plans “Failed deployment”: grafana restarts again and again',
		);
		expect(keyRow()).toContain('o plan what fits next');
		await terminal.press('o');
		await terminal.waitFor('4 choices');
		expect(text()).toContain('Failed deployment');
		await terminal.press('esc');
		await terminal.waitFor('Verification failed');
	});
});

describe('what fits next', () => {
	it('is computed anew with each reading', async () => {
		const { terminal, run, fake } = await openDone();
		run.verification.set({ ...checks(night, ['containers']), final: true });
		await terminal.waitFor(/Next {2}o plans “Engine crash after a deployment” once more, with another choice: trading/);
		fake.stores.suggestion.set({ procedure: 'config-error', why: 'the log says MODE is unknown' });
		await terminal.waitFor('Next  o plans “Configuration error”: the log says MODE is unknown');
	});

	it('is the evidence and the way back where no procedure fits, and no key that plans nothing', async () => {
		const { terminal, run, fake, text, keyRow } = await openDone();
		fake.stores.suggestion.set(undefined);
		run.verification.set({ ...checks(night, ['containers']), final: true });
		await terminal.waitFor('Next  no procedure of the runbook fits what is seen now.');
		expect(text()).toContain('U plans the way back');
		expect(keyRow()).not.toContain('o plan');
	});

	it('is not said while the run or its verification goes on', async () => {
		const opened = await openRun();
		expect(opened.text()).not.toContain('Next');
		expect(opened.keyRow()).not.toContain('o plan');
		opened.run.run.update((now) => ({ ...now, state: 'succeeded' }));
		opened.run.verification.set({ ...checks(night, ['health']), deadlineAt: night + 60_000 });
		await opened.terminal.waitFor('Steps done, verifying');
		expect(opened.text()).not.toContain('Next');
	});

	it('is said of a run whose steps failed, too', async () => {
		const opened = await openRun();
		failFirstStep(opened.run);
		await opened.terminal.waitFor('step 1 of 3: Save a restore point, exit 17');
		expect(opened.text()).toContain('Next  o plans “Engine crash after a deployment” once more');
		expect(opened.text()).not.toContain('Changed  ');
	});
});

describe('many notes', () => {
	const notes = Array.from(
		{ length: 9 },
		(_, at) => `Note ${at + 1} says what has to be known about the next deployment.`,
	);

	it.each([
		[120, 40, 9],
		[80, 24, 5],
	])('are whole at %i×%i, as many as fit, and the rest is counted', async (columns, rows, shown) => {
		const { terminal, run, text } = await openDone({ columns, rows, plan: (made) => ({ ...plan(made), notes }) });
		run.verification.set({ ...checks(night, []), final: true });
		await terminal.waitFor('Rolled back and verified');
		expect(text().match(/To know {2}Note \d says what has to be known about the next deployment\./g)).toHaveLength(
			shown,
		);
		if (shown < notes.length) {
			expect(text()).toContain(`and ${notes.length - shown} more notes: p writes the report`);
		}
		expect(text()).toContain('Output of run');
	});
});
