import * as z from 'zod';
import { checkState, flag, moment, must, orElse, risk, text } from './basics.ts';
import { stepKind } from './step-kind.ts';

export const confirmation = z
	.discriminatedUnion('kind', [
		z.strictObject({ kind: z.literal('none').describe('Nothing is asked for') }),
		z.strictObject({ kind: z.literal('yes').describe('`--yes`') }),
		z.strictObject({ kind: z.literal('typed').describe('`--confirm`'), text: text('What must be typed') }),
	])
	.describe('What must be given before it starts');

/** How long a step took in earlier runs. */
export const stepExpectation = z.strictObject({
	ms: must(z.number().describe('The median')),
	runs: must(z.number().describe('Of so many runs')),
});

/** An input with its value. */
export const resolvedInput = z.strictObject({
	name: text('Name of the input'),
	title: text('Its title'),
	value: text('The value that the scripts get'),
	label: text('What an operator reads first'),
	detail: text('More of it'),
});

export const precondition = z.strictObject({
	id: text('Its id'),
	title: text('What must hold'),
	state: orElse(checkState.describe('Whether it is met'), 'unknown'),
	detail: text('What it said, one line'),
	// Missing in plans of earlier versions.
	script: text('What was run for it').optional(),
	once: flag('It need hold before the first step only').optional(),
	allow: z
		.array(z.string())
		.optional()
		.describe('What would be lost, SERVICE:ASPECT:NAME: it is met when `--allow` names all of them'),
});

/** Text that helps to decide: a log excerpt, the commits between, a difference. Unsanitised, capped. */
export const planPreview = z.strictObject({
	title: text('What it shows'),
	text: text('What its script printed'),
});

/** One step as it will run on the host; its script gets everything it needs as environment variables. */
export const planStep = z.strictObject({
	id: orElse(text('Its id'), 'unknown'),
	title: orElse(text('Its title'), 'unknown'),
	kind: orElse(stepKind, 'run'),
	script: text('What will run, POSIX sh; empty for a manual step and a plain countdown'),
	text: text('What the operator is to do').optional(),
	/** A step is ended with TERM, then KILL, and the run is then `timed-out`; a wait has failed. */
	timeoutSeconds: z.number().describe('Time after which it is ended, seconds'),
	intervalSeconds: z.number().optional().describe('Of a wait: between two looks'),
	expected: stepExpectation.optional().describe('How long it took in earlier runs'),
	/** For where its script would be too long to show. The script is still what runs. */
	summary: text('A built-in step in words').optional(),
	mayFail: flag('Its failure does not stop the run').optional(),
});

/** What becomes of the containers of one service. */
export const planChange = z.strictObject({
	service: must(text('The service')),
	action: z
		.enum(['recreate', 'create', 'stop', 'keep'])
		.describe('What becomes of its containers: made anew, made for the first time, stopped and kept, or nothing'),
	interrupted: flag('It runs now, and is unavailable for a while').optional(),
	staysStopped: flag('It was stopped by hand, and stays so').optional(),
	why: z.array(z.string()).describe('What differs, in words'),
});

/** Which run a plan goes on with, and where. */
export const retryOf = z.strictObject({
	run: must(text('Id of that run')),
	title: text('Title of its procedure'),
	step: must(text('The step it begins with')),
	/**
	 * Its steps find that one's `run_id`, `run_dir` and `restore_dir`, and its restore point is the way back. Missing where that
	 * run had kept and changed nothing: then it begins anew.
	 */
	origin: text('The run that it replaces').optional(),
});

export const planFields = {
	version: orElse(z.literal(1).describe('Version of the format of plans'), 1),
	procedure: orElse(text('Id of the procedure'), 'unknown'),
	title: orElse(text('Its title'), 'unknown'),
	when: text('When to use it'),
	// Damaged, it is the most careful one: its confirmation is the longest.
	risk: orElse(risk.describe('Its risk'), 'destructive'),
	target: orElse(text('Name of the target'), 'unknown'),
	host: orElse(text('The host'), 'unknown'),
	directory: text('Directory of the deployment on the host'),
	project: text('The Compose project'),
	madeAt: moment('When the plan was made'),
	inputs: z.array(resolvedInput).describe('What was chosen, each fixed to one value'),
	environment: z.record(z.string(), z.string()).describe('What the scripts get in their environment, secrets masked'),
	preconditions: z
		.array(precondition)
		.describe('What was checked; one that did not pass stops the run before anything is changed'),
	previews: z.array(planPreview).describe('What helps to decide'),
	steps: must(z.array(planStep).describe('What will run, in order')),
	/** From the comparison of what runs with what Compose would make. Plans of earlier versions have none. */
	changes: z
		.array(planChange)
		.optional()
		.describe('What becomes of each service, where the procedure makes containers anew'),
	allowed: z.array(z.string()).optional().describe('Losses that were allowed by name, SERVICE:ASPECT:NAME'),
	interrupts: z.array(z.string()).describe('Services that are interrupted meanwhile'),
	verification: z
		.strictObject({
			checks: z.array(z.string()).describe('Ids of the checks'),
			settleSeconds: z.number().describe('For how long all must hold together'),
			deadlineSeconds: z.number().describe('Until when they must'),
			notWellBefore: z
				.array(z.string())
				.optional()
				.describe('An undo: what was not well before the undone run either; it is verified to be as it was'),
			failedBefore: z
				.array(z.string())
				.optional()
				.describe('An undo: ids of the checks that had failed before the undone run, and decide nothing'),
		})
		.describe('Checks that run after the steps'),
	expects: z
		.strictObject({
			service: must(text('The service')),
			commit: text('The commit it must be made from').optional(),
			image: text('The image it must run').optional(),
			services: z
				.array(
					z.strictObject({
						service: must(text('The service')),
						image: text('The image that its containers must run; missing: one of the commit').optional(),
						replicas: z.number().optional().describe('How many containers; default 1; 0: none may run'),
						unwell: z.literal(true).optional().describe('It did not run well before either: it need not run'),
					}),
				)
				.optional()
				.describe('Every service that the run touches'),
		})
		.optional()
		.describe('What must run afterwards: the check `version`'),
	notes: z.array(z.string()).describe('What the operator must know at the end'),
	retryOf: retryOf.optional().describe('The run that it continues'),
};

/** A procedure with its inputs resolved: exactly what will run. Made once, shown, and run unchanged. */
export const plan = z.strictObject(planFields);
