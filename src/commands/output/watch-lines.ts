import * as z from 'zod';
import { moment, text } from '../../runbook/shapes/basics.ts';
import { exitCode, line } from './line.ts';

/** Lines of doctor, guard, the page and the demo. */
export const watchLines = {
	finding: line('finding', 'One requirement of a run', {
		id: text('Its id'),
		where: z.enum(['here', 'host']).describe('On this machine, or on the host'),
		host: text('The host, where the target has several').optional(),
		title: text('What it is'),
		state: z.enum(['ok', 'warn', 'failed', 'unknown']).describe('`warn`: works, with less; `failed`: a run would not'),
		found: text('What was found, or what is wrong'),
		fix: text('How to fix it').optional(),
	}),
	doctor: line('doctor', 'Summary of all findings', {
		verdict: z.enum(['ok', 'failed']).describe('Whether machine and host are ready for a run'),
		failed: z.int().describe('Number of failed findings'),
		warned: z.int().describe('Number of warnings and unknown findings'),
	}),
	guard: line('guard', 'Guard starts to watch; its plan is fixed', {
		target: text('Name of the target'),
		procedure: text('Id of the procedure that it would run'),
		startedAt: moment('When it started'),
		until: moment('When it ends'),
		graceUntil: moment('Until then a failure does not count'),
		intervalSeconds: z.number().describe('Interval between two checks, seconds'),
		holdSeconds: z.number().describe('How long checks must keep failing before guard acts, seconds'),
		onHost: z
			.boolean()
			.describe(
				'True: it is a run on the host, and the lines of that run follow; false: this command watches, with `guard-state`',
			),
		checks: z.array(z.string()).describe('Ids of the checks'),
		notAsked: z
			.array(z.string())
			.optional()
			.describe(
				'What the host cannot ask by itself, and why; with `onHost` false, this is why the host does not watch',
			),
		blocked: text('The watched version is blocked: by whom, why, until when').optional(),
	}),
	'guard-state': line('guard-state', 'State of guard, at each change and at each failing result', {
		state: z
			.enum(['grace', 'well', 'settling', 'failing', 'unknown'])
			.describe('`grace`: fails, but does not count yet; `settling`: all pass, but not yet for long enough'),
		at: moment('When it was looked'),
		failedSeconds: z.number().describe('How long checks have failed, as counted by guard, seconds'),
		reason: text('Why'),
	}),
	guarded: line('guarded', 'Outcome of guard; the last line', {
		outcome: z
			.enum([
				'well',
				'failing',
				'unknown',
				'stood-down',
				'rolled-back',
				'rollback-refused',
				'rollback-unverified',
				'rollback-unknown',
				'rollback-failed',
			])
			.describe('Outcome; `stood-down`: a guard on the host left the deployment to somebody else'),
		reason: text('Why'),
		run: text('The run that rolled back, or the guard on the host').optional(),
		resume: text('The command that continues a guard on the host that was interrupted').optional(),
		exitCode,
	}),
	deployed: line('deployed', 'Outcome of deploy; the last line', {
		outcome: z
			.enum([
				'well',
				'not-deployed',
				'unverified',
				'failed',
				'unknown',
				'cancelled',
				'undone',
				'undo-refused',
				'undo-unverified',
				'undo-unknown',
				'undo-failed',
			])
			.describe(
				'`not-deployed`: the checklist or a precondition was not met; `failed`, `unverified`: it was not undone, as nobody asked for that or it was not well before',
			),
		reason: text('Why'),
		run: text('The run that deployed').optional(),
		undo: text('The run that undid it').optional(),
		exitCode,
	}),
	serving: line('serving', 'The page is served or written, until the command is stopped', {
		url: text('Its address').optional(),
		file: text('The file it is written to').optional(),
	}),
	demo: line('demo', 'The demo host is ready', {
		config: text('Its config, for `--config`'),
		incident: text('The error'),
	}),
} as const;
