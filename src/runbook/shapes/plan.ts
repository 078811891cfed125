import * as z from 'zod';
import { checkState, flag, moment, must, orElse, risk, text } from './basics.ts';
import { stepKind } from './step-kind.ts';

export const confirmation = z
	.discriminatedUnion('kind', [
		z.strictObject({ kind: z.literal('none').describe('No confirmation') }),
		z.strictObject({ kind: z.literal('yes').describe('`--yes`') }),
		z.strictObject({ kind: z.literal('typed').describe('`--confirm`'), text: text('What must be typed') }),
	])
	.describe('Confirmation that a run needs');

/** How long a step took in earlier runs. */
export const stepExpectation = z.strictObject({
	ms: must(z.number().describe('The median')),
	runs: must(z.number().describe('Number of runs it was measured from')),
});

/** An input with its value. */
export const resolvedInput = z.strictObject({
	name: text('Name of the input'),
	title: text('Its title'),
	value: text('The value that the scripts get'),
	label: text('Label, shown first'),
	detail: text('Details'),
});

export const precondition = z.strictObject({
	id: text('Its id'),
	title: text('The condition, in words'),
	state: orElse(checkState.describe('Whether it is met'), 'unknown'),
	detail: text('Details, one line'),
	// Missing in plans of earlier versions.
	script: text('Its script').optional(),
	once: flag('It must be met only before the first step').optional(),
	allow: z
		.array(z.string())
		.optional()
		.describe('Losses, SERVICE:ASPECT:NAME; it is met when `--allow` names all of them'),
});

/** Text that helps to decide: a log excerpt, the commits in between, a difference. Unsanitised, limited in length. */
export const planPreview = z.strictObject({
	title: text('What it shows'),
	text: text('What its script printed'),
});

/** One step as it will run on the host; its script gets everything it needs as environment variables. */
export const planStep = z.strictObject({
	id: orElse(text('Its id'), 'unknown'),
	title: orElse(text('Its title'), 'unknown'),
	kind: orElse(stepKind, 'run'),
	script: text('Its script, POSIX sh; empty for a manual step and for a wait for a fixed time'),
	text: text('Task for the operator').optional(),
	/** After it, a step is ended with TERM, then KILL, and the run is `timed-out`; a wait fails. */
	timeoutSeconds: z.number().describe('Timeout, seconds'),
	intervalSeconds: z.number().optional().describe('Interval of a wait, seconds'),
	expected: stepExpectation.optional().describe('How long it took in earlier runs'),
	/** Shown where its script would be too long. The script is still what runs. */
	summary: text('What it changes, in a sentence').optional(),
	mayFail: flag('If it fails, the run continues').optional(),
});

/** The change of one service's containers. */
export const planChange = z.strictObject({
	service: must(text('The service')),
	action: z
		.enum(['recreate', 'create', 'restart', 'stop', 'keep'])
		.describe('What happens to its containers: recreated, created, restarted, stopped and kept, or nothing'),
	interrupted: flag('It runs now, and will be unavailable for a while').optional(),
	staysStopped: flag('It was stopped by hand, and stays so').optional(),
	why: z.array(z.string()).describe('Differences, in words'),
});

/** The run that a plan continues, and the step where it starts. */
export const retryOf = z.strictObject({
	run: must(text('Id of that run')),
	title: text('Title of its procedure'),
	step: must(text('The step it starts with')),
	/**
	 * The steps use that run's `run_id`, `run_dir` and `restore_dir`, and its restore point is the one to undo to. Missing when that run had
	 * saved and changed nothing: then this one begins anew.
	 */
	origin: text('The run that it replaces').optional(),
});

export const planFields = {
	version: orElse(z.literal(1).describe('Version of the format of plans'), 1),
	procedure: orElse(text('Id of the procedure'), 'unknown'),
	title: orElse(text('Its title'), 'unknown'),
	when: text('When to use it'),
	// If damaged, assume the highest risk, with the longest confirmation.
	risk: orElse(risk.describe('Its risk'), 'destructive'),
	target: orElse(text('Name of the target'), 'unknown'),
	host: orElse(text('The host'), 'unknown'),
	directory: text('Directory of the deployment on the host'),
	project: text('The Compose project'),
	madeAt: moment('When the plan was made'),
	inputs: z.array(resolvedInput).describe('Inputs, each fixed to one value'),
	environment: z.record(z.string(), z.string()).describe('Environment variables of the scripts, secrets masked'),
	preconditions: z
		.array(precondition)
		.describe('Preconditions; one that is not met stops the run before anything is changed'),
	previews: z.array(planPreview).describe('Previews, to help decide'),
	steps: must(z.array(planStep).describe('Steps, in order')),
	/** From the comparison of the containers with what Compose would create. Plans of earlier versions have none. */
	changes: z
		.array(planChange)
		.optional()
		.describe('What happens to each service, if the procedure recreates containers'),
	allowed: z.array(z.string()).optional().describe('Losses that were allowed by name, SERVICE:ASPECT:NAME'),
	interrupts: z.array(z.string()).describe('Services that are interrupted during the run'),
	silence: z
		.strictObject({
			seconds: z.number().describe('How long the silence lasts without being extended'),
			matchers: z
				.array(
					z.strictObject({
						name: text('The label'),
						value: text('Its value, or a regular expression for it'),
						isRegex: flag('The value is a regular expression'),
						isEqual: flag('False: the alerts that do not match'),
					}),
				)
				.describe("Alertmanager's matchers"),
		})
		.optional()
		.describe('The alerts that are silenced until the run has its verdict'),
	verification: z
		.strictObject({
			checks: z.array(z.string()).describe('Ids of the checks'),
			settleSeconds: z.number().describe('For how long all checks must pass together'),
			deadlineSeconds: z.number().describe('Deadline, seconds'),
			notWellBefore: z
				.array(z.string())
				.optional()
				.describe('For an undo: what was unhealthy before the undone run, too; it is verified to be as it was'),
			failedBefore: z
				.array(z.string())
				.optional()
				.describe('For an undo: ids of checks that had already failed before the undone run, and do not count'),
		})
		.describe('Checks that run after the steps'),
	expects: z
		.strictObject({
			service: must(text('The service')),
			commit: text('The commit that its image must be built from').optional(),
			image: text('The image it must run').optional(),
			services: z
				.array(
					z.strictObject({
						service: must(text('The service')),
						image: text('The image that its containers must run; missing: one built from the commit').optional(),
						replicas: z.number().optional().describe('How many containers; default 1; 0: none may run'),
						unwell: z.literal(true).optional().describe('It was unhealthy before, too, and need not run'),
						ran: z
							.literal(true)
							.optional()
							.describe('It ran before: if it has ended by itself since, it is unknown whether that was its work'),
					}),
				)
				.optional()
				.describe('Every service that the run touches'),
		})
		.optional()
		.describe('What must run afterwards: the check `version`'),
	notes: z.array(z.string()).describe('What the operator must know at the end'),
	guard: z
		.strictObject({
			procedure: text('Title of the procedure that rolls back'),
			forSeconds: z.number().describe('How long it watches, seconds'),
			graceSeconds: z.number().describe('Failures in the beginning that do not count, seconds'),
			intervalSeconds: z.number().describe('Interval between two rounds of checks, seconds'),
			lastingSeconds: z.number().describe('How long checks must keep failing before it acts, seconds'),
			checks: z.array(z.string()).describe('Ids of the checks that the host asks by itself'),
			notAsked: z.array(z.string()).describe('What the host cannot ask by itself, and why'),
		})
		.optional()
		.describe(
			'A guard on the host: the first step watches, and the others run only when its checks fail for long enough',
		),
	retryOf: retryOf.optional().describe('The run that it continues'),
};

/** A procedure with its inputs resolved: exactly what will run. Made once, shown, and run unchanged. */
export const plan = z.strictObject(planFields);
