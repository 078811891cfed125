import * as z from 'zod';
import { risk } from '../shapes/basics.ts';
import { type StepKind, stepKinds } from '../step-kinds/index.ts';
import type { StepKindDefinition } from '../step-kinds/step-kind.ts';
import * as parts from './parts.ts';

const { duration, id, mapping, script, text, variableName } = parts;

/** The keys of each kind of step. */
const keysOfKinds = (Object.entries(stepKinds) as readonly [StepKind, StepKindDefinition][]).map(
	([name, kind]) => [name, kind.keys(parts)] as const,
);
const stepShape: Readonly<Record<string, z.ZodType>> = Object.assign({}, ...keysOfKinds.map(([, keys]) => keys));

/** The kind of an entry under `steps`, by the key that it has. */
export const kindOfEntry = (entry: Readonly<Record<string, unknown>>): StepKind =>
	keysOfKinds.find(([, keys]) => Object.keys(keys).some((key) => entry[key] !== undefined))?.[0] ?? 'run';

/** The keys of which a step, and a precondition or preview, has exactly one. */
export const stepKeys: readonly string[] = Object.keys(stepShape);
export const scriptKinds = ['run', 'script'] as const;

const run = () =>
	script().optional().describe('A POSIX sh script; it gets variables and inputs as environment variables');
const shared = () => text().optional().describe('The name of one of the scripts of this runbook');

const inputShape = {
	title: text().optional().describe('What is to be chosen; default: the name'),
	type: z
		.enum(['commit', 'image', 'file', 'text'])
		.default('text')
		.describe('What kind of thing it is; for commits and images the program adds which ones passed verification'),
	choices: script()
		.optional()
		.describe(
			'A script that prints the choices, a line each: value TAB label TAB detail TAB marks; the last two may be missing',
		),
	resolve: script()
		.optional()
		.describe(
			'A script that gets a value as $value and prints the canonical one, or fails saying why; without it only the choices are accepted',
		),
	preset: z
		.enum(['first', 'good', 'none'])
		.default('none')
		.describe(
			'What is taken when the operator names none. first: the first choice that is not known to be bad; good: the one that verification passed on last and that does not run now, else the one with the mark "fallback"; none: he is asked',
		),
};

/** An input of the runbook, for use in several procedures. */
export const input = mapping('input', inputShape).describe('A value chosen before a run, from a live list on the host');

export const inlineInput = mapping('input', {
	name: variableName().describe('The environment variable that scripts find it in'),
	...inputShape,
}).describe('An input of this procedure alone');

export const precondition = mapping(
	'precondition',
	{
		id: id('an id').describe('Names it in plans and records'),
		title: text().describe('What must hold'),
		run: run(),
		script: shared(),
		once: z
			.boolean()
			.default(false)
			.describe(
				'It need hold before the first step only, for the steps themselves end it; not looked at when a run that failed goes on from a later step',
			),
	},
	scriptKinds,
).describe(
	'Runs on the host before anything is changed; exit 0 means that it is met, otherwise its output says why not',
);

export const preview = mapping(
	'preview',
	{ title: text().describe('What it shows'), run: run(), script: shared() },
	scriptKinds,
).describe('A script whose output is shown in the plan');

/** `a, b or c`. */
const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

export const step = mapping(
	'step',
	{
		id: id('an id').describe('Names the step in records; unique in its procedure'),
		title: text().describe('What it does'),
		...stepShape,
		timeout: duration().optional().describe('The step is ended after that long; default 5m, for a manual one 24h'),
		mayFail: z
			.boolean()
			.default(false)
			.describe('Its failure does not stop the run; for steps that only show something'),
	},
	stepKeys,
	{
		check:
			'steps belong to the host, and backout runs checks when the steps are done; name them in verify, or wait for the same by a script (wait: until)',
		http: 'a host need not have an HTTP client; let a check of kind http look afterwards (verify), or use a script that has one in a container',
	},
).describe(`One thing to do: ${listed(stepKeys)}`);

const expects = mapping('expectation', {
	service: text().describe('The service that must run it'),
	commit: variableName().optional().describe('The input of this procedure that names the commit'),
	image: variableName().optional().describe('The input of this procedure that names the image'),
}).describe('What must run afterwards: adds the check "version"');

const recreates = mapping('recreates', {
	commit: variableName()
		.optional()
		.describe('The input that names the commit that everything is built and started from'),
	image: variableName().optional().describe('The input that names the image that the service is started from'),
	file: variableName()
		.optional()
		.describe('The input that names the file that is put back: env:FILE or file:COMMIT:PATH'),
	always: z.array(text()).optional().describe('Services that are made anew, whatever differs'),
}).describe(
	'Containers are made anew from what an input chooses. The plan shows what would change for each service, and what nobody asked for is refused',
);

export const procedure = mapping('procedure', {
	title: text().describe('Shown in the menu'),
	group: text().default('Procedures').describe('Heading of its group in the menu'),
	when: z.string().default('').describe('When to use it'),
	risk: risk.describe(
		'read-only changes nothing; disruptive restarts something; destructive replaces state or stops the system. Decides what is asked before it runs',
	),
	inputs: z
		.array(z.union([text(), inlineInput], { error: 'expected the name of an input, or a mapping that defines one' }))
		.default([])
		.describe('Names of shared inputs, or inputs of its own'),
	preconditions: z.array(precondition).default([]).describe('What must hold before anything is changed'),
	previews: z.array(preview).default([]).describe('What helps to decide, shown in the plan'),
	steps: z.array(step).default([]).describe('What is done, in order; the first failure ends the run'),
	interrupts: z.array(text()).default([]).describe('Services that are unavailable meanwhile'),
	restorePoint: z
		.boolean()
		.optional()
		.describe('Save a restore point before anything is changed; default: unless it is read-only'),
	needsRoom: z
		.boolean()
		.optional()
		.describe(
			'Refuse it while a disk of the host is nearly full; default: unless it is read-only. false is for what has to stop at once: files and images are then kept after its steps, not before',
		),
	verify: z.array(text()).optional().describe('Ids of the checks afterwards; default: those of verification'),
	expects: expects.optional(),
	recreates: recreates.optional(),
	notes: z.array(text()).default([]).describe('Said at the end: what the operator must know'),
	disabled: z.boolean().default(false).describe('True removes an inherited procedure'),
}).describe('One entry of the menu');
