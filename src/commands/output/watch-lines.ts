import * as z from 'zod';
import { moment, text } from '../../runbook/shapes/basics.ts';
import { exitCode, line } from './line.ts';

/** What doctor finds, what a guard sees, and the demo. */
export const watchLines = {
	finding: line('finding', 'One thing that a run needs', {
		id: text('Its id'),
		where: z.enum(['here', 'host']).describe('On this machine, or on the host'),
		title: text('What it is'),
		state: z.enum(['ok', 'warn', 'failed', 'unknown']).describe('`warn`: works, with less; `failed`: a run would not'),
		found: text('What is there, or what is wrong'),
		fix: text('What mends it').optional(),
	}),
	doctor: line('doctor', 'What all findings come to', {
		verdict: z.enum(['ok', 'failed']).describe('Whether a run can be trusted here'),
		failed: z.int().describe('How many have failed'),
		warned: z.int().describe('How many could be better, or are not known'),
	}),
	guard: line('guard', 'It begins to watch; what it would do is fixed', {
		target: text('Name of the target'),
		procedure: text('Id of the procedure that it would run'),
		startedAt: moment('When it began'),
		until: moment('When it ends'),
		graceUntil: moment('Until then a failure does not count'),
		intervalSeconds: z.number().describe('Between two looks'),
		holdSeconds: z.number().describe('How long checks must keep failing before it acts, seconds'),
		checks: z.array(z.string()).describe('Ids of the checks'),
	}),
	'guard-state': line('guard-state', 'Its state, at each change and at each failing result', {
		state: z
			.enum(['grace', 'well', 'settling', 'failing', 'unknown'])
			.describe('`grace`: fails, and does not count yet; `settling`: all hold, not yet for long enough'),
		at: moment('When it was looked'),
		failedSeconds: z.number().describe('For how long checks have failed, as far as it counts'),
		reason: text('Why'),
	}),
	guarded: line('guarded', 'What guarding came to; the last line', {
		outcome: z
			.enum([
				'well',
				'failing',
				'unknown',
				'rolled-back',
				'rollback-refused',
				'rollback-unverified',
				'rollback-unknown',
				'rollback-failed',
			])
			.describe('What came of it'),
		reason: text('Why'),
		run: text('The run that rolled back').optional(),
		exitCode,
	}),
	demo: line('demo', 'The demo host is ready', {
		config: text('Its config, for `--config`'),
		incident: text('What is wrong there'),
	}),
} as const;
