import * as z from 'zod';
import { checkState, readingState, risk, runState, stepState, who } from '../shapes/basics.ts';
import { stepKind } from '../shapes/step-kind.ts';

const time = z.iso.datetime().describe('UTC, ISO 8601');
const observation = z
	.strictObject({
		at: time.describe('When it was read, UTC, ISO 8601, by the clock of the machine that read it'),
		by: who.describe('Who read it'),
		seen: z
			.array(
				z.strictObject({
					what: z.string().describe('What was read'),
					state: readingState.describe('State'),
					said: z.string().describe('Details, one line'),
					stale: z.boolean().describe('Too old to prove anything at that time'),
				}),
			)
			.describe('Every reading'),
	})
	.describe('Readings at one moment');

const change = z.strictObject({
	kind: z.enum(['commit', 'image', 'container', 'file', 'database', 'note']).describe('Kind of change'),
	what: z.string().describe('What changed'),
	from: z.string().optional().describe('What it was'),
	to: z.string().optional().describe('What it is now'),
});

const step = z.strictObject({
	number: z.int().describe('From 1'),
	id: z.string().describe('Its id in the plan'),
	title: z.string().describe('Its title'),
	kind: stepKind,
	state: stepState.describe('State at the end'),
	startedAt: time.optional().describe('UTC, ISO 8601, the clock of the host'),
	endedAt: time.optional().describe('UTC, ISO 8601, the clock of the host'),
	exitCode: z.int().optional().describe('Exit code of the script'),
	mayFail: z.boolean().describe('If it fails, the run continues'),
	summary: z.string().optional().describe('Summary of a built-in step'),
	script: z.string().describe('Its script, secrets masked; empty for a manual step'),
	text: z.string().optional().describe('Task for the operator'),
	answer: z.string().optional().describe('Answer to a manual step, by whom and when'),
});

const verification = z.strictObject({
	verdict: checkState.describe('The verdict'),
	reason: z.string().describe('Why'),
	at: time.describe('UTC, ISO 8601, the clock of the machine that verified'),
	by: who.describe('Who verified'),
	checks: z
		.array(
			z.strictObject({
				id: z.string().describe('Id of the check in the runbook'),
				title: z.string().describe('Its title'),
				state: checkState.describe('State'),
				reason: z.string().describe('Why'),
				asked: z.string().describe('Command or request'),
				evidence: z.string().describe('Result, shortened, secrets masked'),
				at: time.optional().describe('When the result came, UTC, ISO 8601'),
			}),
		)
		.describe('Each check with its evidence'),
});

/** The incident report of one run, as `backout report --format json` prints it. All text is sanitised and masked. */
export const reportSchema = z.strictObject({
	version: z.literal(1).describe('Version of this format'),
	madeAt: time.describe('When the report was made, UTC, ISO 8601'),
	source: z
		.strictObject({
			from: z.enum(['host', 'copy']).describe('The journal on the host, or the copy on this machine'),
			asOf: time.describe('When that source reported it, UTC, ISO 8601'),
			note: z.string().optional().describe('Why the source is not the host'),
		})
		.describe('Source of this report'),
	run: z.string().describe('Id of the run'),
	procedure: z.string().describe('Id of the procedure'),
	title: z.string().describe('Title of the procedure'),
	risk: risk.describe('Risk of the procedure'),
	target: z.string().describe('Name of the target'),
	host: z.string().describe('The host'),
	directory: z.string().describe('Directory of the deployment on the host'),
	project: z.string().describe('The Compose project'),
	who: who.describe('Who started it'),
	reason: z.string().describe('Reason that the operator gave'),
	startedAt: time.describe('UTC, ISO 8601, the clock of the host'),
	endedAt: time.optional().describe('UTC, ISO 8601, the clock of the host'),
	state: runState.describe('State of the run'),
	exitCode: z.int().optional().describe('Exit code of the run'),
	outcome: z.string().describe('What is known about the outcome, one sentence'),
	suspectedStart: z
		.strictObject({ at: time.describe('UTC, ISO 8601'), why: z.string().describe('Why') })
		.optional()
		.describe('When the incident seems to have started'),
	timeline: z
		.array(
			z.strictObject({
				at: time.describe('UTC, ISO 8601'),
				clock: z.enum(['host', 'operator']).describe('Which clock'),
				what: z.string().describe('What happened'),
			}),
		)
		.describe('What happened, in order of time'),
	clockDifferenceSeconds: z
		.number()
		.optional()
		.describe("How far the host's clock is ahead of the operator's, if both recorded the same moment"),
	inputs: z
		.array(
			z.strictObject({
				name: z.string().describe('Name of the input'),
				title: z.string().describe('Its title'),
				value: z.string().describe('The value, masked if it is a secret'),
				detail: z.string().describe('Details'),
			}),
		)
		.describe('Inputs'),
	preconditions: z
		.array(
			z.strictObject({
				title: z.string().describe('What must hold'),
				state: checkState.describe('Whether it was met'),
				detail: z.string().describe('Details'),
			}),
		)
		.describe('Preconditions, checked before anything was changed'),
	before: observation.optional().describe('Readings when the plan was confirmed'),
	after: observation.optional().describe('Readings at the verdict'),
	steps: z.array(step).describe('What was run'),
	changes: z.array(change).describe('What changed, from the readings before and after and from what steps recorded'),
	verification: verification.optional().describe('The last verdict'),
	output: z
		.strictObject({
			bytes: z.int().describe('Size of the whole output'),
			leftOut: z.boolean().describe('There is more before these lines'),
			lines: z.array(z.string()).describe('The last lines, secrets masked'),
		})
		.describe('The end of the output'),
	related: z
		.array(
			z.strictObject({
				run: z.string().describe('Id of the run'),
				relation: z.enum(['undoes', 'undone-by', 'goes-on-with', 'gone-on-with-by']).describe('How it is related'),
				title: z.string().describe('Title of its procedure'),
				startedAt: time.describe('UTC, ISO 8601'),
				who: who.describe('Who started it'),
				state: runState.describe('Its state'),
				verdict: checkState.optional().describe('Its verdict'),
			}),
		)
		.describe('Runs that undo or continue this one, and what this one undoes or continues'),
	undo: z
		.strictObject({
			possible: z.boolean().describe('Whether backout can undo the run'),
			command: z.string().optional().describe('The command that plans the undo'),
			why: z.string().optional().describe('Why not, or what to know'),
		})
		.describe('How to undo the run'),
	notes: z.array(z.string()).describe('What the operator was told at the end, and what cannot be read'),
});

export type Report = z.infer<typeof reportSchema>;
