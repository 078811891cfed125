import * as z from 'zod';
import { checkState, moment, runState, text, who } from '../../runbook/shapes/basics.ts';
import { approval, runFields, stepRun } from '../../runbook/shapes/run.ts';
import { exitCode, line, ofTarget } from './line.ts';

/** Lines about a run, its steps, its output, and its result. */
export const runLines = {
	run: line('run', 'A run and its state', { ...runFields, target: text('Name of the target') }),
	step: line('step', 'A step has started or ended', { ...stepRun, ...ofTarget }),
	log: line('log', 'A line of a log, secrets masked', {
		service: text('The service'),
		container: text('The service, or the container if the service has several'),
		at: moment('When the engine got it, with fractions'),
		text: text('The line, without colours'),
	}),
	'log-note': line('log-note', 'What happened to a log between its lines: a restart, another container, a lost link', {
		service: text('The service'),
		container: text('The service, or the container if the service has several'),
		at: moment('When it was'),
		text: text('What happened, in words'),
	}),
	waiting: line('waiting', 'A step waits for an operator', {
		...ofTarget,
		run: text('Id of the run'),
		number: z.int().describe('Number of the step, from 1'),
		step: text('Id of the step'),
		title: text('Its title'),
		text: text('Task for the operator'),
		approval: z.literal(true).optional().describe('It waits for the approval of another operator'),
		until: moment("When it gives up by itself, by the host's clock").optional(),
		done: text('The command to confirm it'),
		giveUp: text('The command to give up'),
	}),
	'lock-held': line('lock-held', 'Another run holds the lock, which is waited for', {
		...ofTarget,
		run: text('Id of that run'),
		procedure: text('Id of its procedure'),
		who: who.describe('Who started it'),
		since: moment("When it took the lock, by the host's clock; 0: unknown"),
		reason: text('The reason that was given'),
		waitSeconds: z.number().describe('The longest time to wait in all, seconds'),
	}),
	output: line('output', 'Output of the run, in order, each byte once', {
		...ofTarget,
		offset: z.int().describe('Offset in the output on the host, bytes'),
		text: text('The text, secrets masked'),
	}),
	gap: line('gap', 'Output that the host has not kept, in its place', {
		...ofTarget,
		from: z.int().describe('First byte that is missing'),
		to: z.int().describe('First byte after the gap'),
	}),
	link: line('link', 'The link was lost or is back; the run continues', {
		...ofTarget,
		status: z.enum(['lost', 'live']).describe('State'),
		reason: text('Why the host does not answer in time although the link is up').optional(),
	}),
	unknown: line('unknown', 'Unknown whether the run was started; the host is being asked', {
		...ofTarget,
		run: text('Id of the run'),
		reason: text('Why'),
	}),
	detached: line('detached', 'The run continues, and this client stopped following it', { run: text('Id of the run') }),
	end: line('end', 'The run has ended, or is no longer followed', {
		...ofTarget,
		run: text('Id of the run'),
		state: runState.describe('State'),
		verdict: checkState.nullable().describe('Verdict; null: not verified'),
		reason: z.string().nullable().describe('Why'),
		exitCode: z.int().describe('Exit code of the command, unless `guarded` or `deployed` follows'),
	}),
	targets: line('targets', 'What became of each target of `run --targets`, in their order', {
		procedure: text('Id of the procedure'),
		targets: z
			.array(
				z.strictObject({
					target: text('Name of the target'),
					outcome: z
						.enum(['verified', 'done', 'failed', 'unverified', 'refused', 'unknown', 'cancelled', 'left', 'not-begun'])
						.describe(
							'`done`: there was nothing to verify; `left`: its run is no longer followed, and continues on the host',
						),
					run: text('Id of its run; missing: none was started').optional(),
					reason: text('Why it is neither verified nor done').optional(),
				}),
			)
			.describe('Each target'),
		exitCode,
	}),
	cancel: line('cancel', 'Outcome of a cancellation, and the state of the host', {
		run: text('Id of the run'),
		outcome: z.enum(['cancelled', 'already-ended', 'still-running']).describe('Outcome'),
		state: runState.describe('State of the run'),
		left: z.array(z.int()).describe('Ids of its processes that are still running'),
		isProven: z
			.boolean()
			.describe('Control groups prove that nothing is left; otherwise its processes were found by their marks'),
		mayRunInside: z
			.boolean()
			.describe('The interrupted step started something inside containers, where only root sees whether it still runs'),
		leftInside: z
			.array(z.string())
			.describe('What began inside containers during that step and still runs, whoever began it, as sentences'),
		interrupted: z
			.strictObject({
				number: z.int().describe('Number of the step, from 1'),
				of: z.int().describe('How many there are'),
				title: text('Its title'),
			})
			.optional()
			.describe('The step that was interrupted'),
		down: z
			.array(z.string())
			.optional()
			.describe('Services that do not run now; missing if the engine could not be reached'),
		wayBack: text('The command that plans the undo').optional(),
	}),
	answered: line('answered', 'A run that waited was answered', {
		run: text('Id of the run'),
		step: text('Id of the step'),
		answer: z.enum(['done', 'gave-up', 'approved']).describe('The answer'),
		approval: approval.optional().describe('For an approval: what it rests on'),
	}),
} as const;
