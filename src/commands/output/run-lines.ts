import * as z from 'zod';
import { checkState, moment, runState, text } from '../../runbook/shapes/basics.ts';
import { runFields, stepRun } from '../../runbook/shapes/run.ts';
import { line } from './line.ts';

/** A run, its steps, its output, and what became of it. */
export const runLines = {
	run: line('run', 'A run and its state', { ...runFields, target: text('Name of the target') }),
	step: line('step', 'A step has begun or ended', stepRun),
	log: line('log', 'A line of a log, secrets masked', {
		service: text('The service'),
		container: text('The service, or the container where a service has several'),
		at: moment('When Docker got it, with fractions'),
		text: text('The line, without colours'),
	}),
	'log-note': line('log-note', 'What happened to a log between its lines: a restart, another container, a lost link', {
		service: text('The service'),
		container: text('The service, or the container where a service has several'),
		at: moment('When it was'),
		text: text('What happened, in words'),
	}),
	waiting: line('waiting', 'A step waits for an operator', {
		run: text('Id of the run'),
		number: z.int().describe('Which step, from 1'),
		step: text('Id of the step'),
		title: text('Its title'),
		text: text('What is to be done'),
		until: moment("When it gives up by itself, by the host's clock").optional(),
		done: text('The command that says it is done'),
		giveUp: text('The command that gives it up'),
	}),
	output: line('output', 'Output of the run, in order, each byte once', {
		offset: z.int().describe('Where it begins in the output on the host, bytes'),
		text: text('The text, secrets masked'),
	}),
	gap: line('gap', 'Output that the host has not kept, in its place', {
		from: z.int().describe('First byte that is missing'),
		to: z.int().describe('First byte that is there again'),
	}),
	link: line('link', 'The link was lost or is back; the run continues', {
		status: z.enum(['lost', 'live']).describe('Which'),
		reason: text('The link is up, and the host does not answer in time: what it says of that').optional(),
	}),
	unknown: line('unknown', 'It is not known whether the run was started; the host is being asked', {
		run: text('Id of the run'),
		reason: text('Why'),
	}),
	detached: line('detached', 'The run continues, and this client stopped following it', { run: text('Id of the run') }),
	end: line('end', 'The run has ended, or is not followed any more', {
		run: text('Id of the run'),
		state: runState.describe('State'),
		verdict: checkState.nullable().describe('What verification said; null: not verified'),
		reason: z.string().nullable().describe('Why'),
		exitCode: z.int().describe('Exit code that this makes; the one of the command, unless `guarded` comes after it'),
	}),
	cancel: line('cancel', 'What came of a cancellation, and how the host is left', {
		run: text('Id of the run'),
		outcome: z.enum(['cancelled', 'already-ended', 'still-running']).describe('What came of it'),
		state: runState.describe('State of the run'),
		left: z.array(z.int()).describe('Ids of its processes that are still there'),
		interrupted: z
			.strictObject({
				number: z.int().describe('Which step, from 1'),
				of: z.int().describe('How many there are'),
				title: text('Its title'),
			})
			.optional()
			.describe('The step that was interrupted'),
		down: z
			.array(z.string())
			.optional()
			.describe('Services that do not run now; missing when Docker could not be asked'),
		wayBack: text('The command that plans the way back').optional(),
	}),
	answered: line('answered', 'A run that waited was answered', {
		run: text('Id of the run'),
		step: text('Id of the step'),
		answer: z.enum(['done', 'gave-up']).describe('What was said'),
	}),
} as const;
