import * as z from 'zod';
import { risk } from '../shapes/basics.ts';
import { type StepKind, stepKinds } from '../step-kinds/index.ts';
import type { StepKindDefinition } from '../step-kinds/step-kind.ts';
import * as parts from './parts.ts';

const { duration, id, mapping, script, text, variableName, waitingTime } = parts;

/** The keys of each kind of step. */
const keysOfKinds = (Object.entries(stepKinds) as readonly [StepKind, StepKindDefinition][]).map(
	([name, kind]) => [name, kind.keys(parts)] as const,
);
const stepShape: Readonly<Record<string, z.ZodType>> = Object.assign({}, ...keysOfKinds.map(([, keys]) => keys));

/** Returns the kind of an entry under `steps`, from its key. */
export const kindOfEntry = (entry: Readonly<Record<string, unknown>>): StepKind =>
	keysOfKinds.find(([, keys]) => Object.keys(keys).some((key) => entry[key] !== undefined))?.[0] ?? 'run';

/** Keys that determine the kind: a step, precondition or preview has exactly one of them. */
export const stepKeys: readonly string[] = Object.keys(stepShape);
export const scriptKinds = ['run', 'script'] as const;

const run = () => script().optional().describe('A POSIX sh script; variables and inputs are environment variables');
const shared = () => text().optional().describe('Name of a script of this runbook');

const inputShape = {
	title: text().optional().describe('Title; default: the name'),
	type: z
		.enum(['commit', 'image', 'file', 'service', 'text'])
		.default('text')
		.describe(
			'Type of the value. commit and image: backout adds which ones have passed verification. service: a key on the page of a container opens the procedure for its service',
		),
	choices: script()
		.optional()
		.describe(
			'A script that prints one line per choice: value TAB label TAB detail TAB marks; the last two are optional',
		),
	resolve: script()
		.optional()
		.describe(
			'A script that gets a value as $value and prints the canonical value, or fails and says why; without it only the choices are accepted',
		),
	preset: z
		.enum(['first', 'good', 'none'])
		.default('none')
		.describe(
			'The choice to use if the operator gives none. first: the first one that is not known to be bad; good: the last one that passed verification and is not running now, or else the one with the mark "fallback"; none: ask the operator',
		),
};

/** A named input of the runbook, for use in several procedures. */
export const input = mapping('input', inputShape).describe(
	'A value to choose before a run, from a list read from the host',
);

export const inlineInput = mapping('input', {
	name: variableName().describe('Name of the environment variable for scripts'),
	...inputShape,
}).describe('An input of this procedure only');

export const precondition = mapping(
	'precondition',
	{
		id: id('an id').describe('Its name in plans and records'),
		title: text().describe('The condition, in words'),
		run: run(),
		script: shared(),
		once: z
			.boolean()
			.default(false)
			.describe(
				'It must be met only before the first step, because the steps themselves make it false; skipped when a failed run is retried from a later step',
			),
	},
	scriptKinds,
).describe(
	'Runs on the host before anything is changed; exit code 0 means that it is met, otherwise its output says why not',
);

export const preview = mapping(
	'preview',
	{
		title: text().describe('What it shows'),
		run: run(),
		script: shared(),
		choice: variableName()
			.optional()
			.describe(
				'Name of an input: it is shown beside its choices, too, for the one that is selected. Its script must be quick, and read no other input',
			),
	},
	scriptKinds,
).describe('A script whose output is shown in the plan');

/** Joins words: `a, b or c`. */
const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

export const step = mapping(
	'step',
	{
		id: id('an id').describe('Names the step in records; unique in its procedure'),
		title: text().describe('What it does'),
		summary: text()
			.optional()
			.describe('What it changes, and what not, in a sentence; shown beside its title in the plan'),
		...stepShape,
		timeout: duration()
			.optional()
			.describe('Timeout, after which the step is stopped; default 5m, or 24h for a manual step'),
		mayFail: z.boolean().default(false).describe('If it fails, the run continues; for steps that only show something'),
	},
	stepKeys,
	{
		check:
			'steps run on the host, and backout runs checks when the steps are done; name them in verify, or wait for the condition with a script (wait: until)',
		http: 'a host may have no HTTP client; use a check of kind http afterwards (verify), or a script that calls one in a container',
	},
).describe(`One thing to do: ${listed(stepKeys)}`);

const interrupts = z
	.union([text().array(), mapping('interruptions', { run: run(), script: shared() }, scriptKinds)], {
		error: 'expected a list of services, or a script that prints them (run or script)',
	})
	.default([])
	.describe(
		'Services that are unavailable during the run; or a script that prints them, one a line, from the values of the inputs. If it fails, the run cannot start',
	);

const expects = mapping('expectation', {
	service: text().describe('The service that must run it'),
	commit: variableName().optional().describe('The input of this procedure that names the commit'),
	image: variableName().optional().describe('The input of this procedure that names the image'),
}).describe('What must run afterwards; adds the check "version"');

const recreates = mapping('recreates', {
	commit: variableName().optional().describe('The input with the commit to build and start everything from'),
	image: variableName().optional().describe('The input with the image to start the service from'),
	file: variableName().optional().describe('The input with the file to put back: env:FILE or file:COMMIT:PATH'),
	always: z.array(text()).optional().describe('Services to recreate even if nothing differs'),
}).describe(
	'Containers are recreated from the value of an input. The plan shows what would change for each service, and a loss that nobody asked for is refused',
);

const approve = z
	.union(
		[
			z.literal(1),
			mapping('approval', {
				within: duration().prefault('30m').describe('Time within which the approval must come; then the run ends'),
			}),
		],
		{ error: 'expected 1, or a mapping with `within`' },
	)
	.describe(
		'1: before its first step, the run waits on the host until another operator has approved its plan (backout approve), for at most 30m',
	);

export const procedure = mapping('procedure', {
	title: text().describe('Shown in the menu'),
	kind: z
		.enum(['deploy', 'restore-test'])
		.optional()
		.describe(
			'The command that runs it by itself. deploy: `backout deploy`, your deployment, with what comes before and after it; restore-test: `backout verify --backups`, which restores the newest backup',
		),
	checklist: text()
		.optional()
		.describe('Only of a deployment: the procedure that `backout deploy` runs first, and that must be verified'),
	guard: waitingTime()
		.optional()
		.describe(
			'Only of a deployment: how long `backout deploy` watches afterwards, and undoes it if its checks keep failing; default 10m; 0s: not at all',
		),
	group: text().default('Procedures').describe('Heading of its group in the menu'),
	when: z.string().default('').describe('When to use it'),
	risk: risk.describe(
		'read-only changes nothing; disruptive restarts something; destructive replaces data or stops the system. Decides how a run is confirmed',
	),
	inputs: z
		.array(z.union([text(), inlineInput], { error: 'expected the name of an input, or a mapping that defines one' }))
		.default([])
		.describe('Names of shared inputs, or inputs defined here'),
	preconditions: z.array(precondition).default([]).describe('Conditions that must be met before anything is changed'),
	previews: z.array(preview).default([]).describe('Output shown in the plan, to help decide'),
	steps: z.array(step).default([]).describe('Steps, in order; the first failure ends the run'),
	interrupts,
	restorePoint: z
		.boolean()
		.optional()
		.describe('Save a restore point before anything is changed; default: unless it is read-only'),
	needsRoom: z
		.boolean()
		.optional()
		.describe(
			'Refuse the run while a disk of the host is nearly full; default: unless it is read-only. Use false for an emergency stop: files and images are then saved after the steps, not before',
		),
	verify: z.array(text()).optional().describe('Ids of the checks to run afterwards; default: those of verification'),
	expects: expects.optional(),
	recreates: recreates.optional(),
	notes: z.array(text()).default([]).describe('What the operator must know, shown in the plan and at the end'),
	approve: approve.optional(),
	disabled: z.boolean().default(false).describe('True removes an inherited procedure'),
}).describe('One entry of the menu');
