import * as z from 'zod';
import { checkState, flag, linkStatus, moment, risk, runState, text } from '../../runbook/shapes/basics.ts';
import { checkResult, verificationFields } from '../../runbook/shapes/checks.ts';
import type { Shape } from '../../runbook/shapes/infer.ts';
import { confirmation, planFields } from '../../runbook/shapes/plan.ts';
import { container, healthValue, reading } from '../../runbook/shapes/readings.ts';
import { restorePointFields } from '../../runbook/shapes/restore-point.ts';
import { runFields, stepRun } from '../../runbook/shapes/run.ts';
import * as valueParts from '../../runbook/shapes/value-parts.ts';
import { monitorKinds } from '../../services/monitors/monitor-kinds.ts';

const line = <T extends string, F extends z.ZodRawShape>(type: T, what: string, fields: F) =>
	z.strictObject({ type: z.literal(type).describe('What this line is'), ...fields }).describe(what);

const monitorFields: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(monitorKinds).map(([name, kind]) => {
		const entry = z.strictObject(reading(kind.value(valueParts)));
		return [name, (kind.always ? entry : entry.optional()).describe(kind.reads)];
	}),
);

const exitCode = z.int().describe('Exit code of the command');

/** Every line that `--json` prints, by its `type`. Whatever is printed is typed by these; docs/json.md and the schema are made of them. */
export const outputLines = {
	error: line('error', 'The command failed; the last line, also after others', {
		code: z
			.enum([
				'usage',
				'config',
				'unreachable',
				'untrusted',
				'refused',
				'failed',
				'unverified',
				'outcome-unknown',
				'cancelled',
			])
			.describe('What kind of failure'),
		message: text('What failed, and why'),
		host: z.string().nullable().describe('The host it happened on'),
		next: z.string().nullable().describe('The next move'),
		run: text('The run whose outcome has to be checked').optional(),
		problems: z
			.array(
				z.strictObject({
					file: text('The file'),
					line: z.int().describe('From 1'),
					column: z.int().describe('From 1, UTF-16 units'),
					message: text('What is wrong there'),
				}),
			)
			.optional()
			.describe('Of a config or runbook: everything that is wrong in it'),
		exitCode,
	}),
	status: line('status', 'All readings at one moment', {
		ok: flag('Nothing that is watched is degraded, down, unknown or stale, and all checks pass'),
		target: text('Name of the target'),
		host: text('The host'),
		at: moment('When this was put together'),
		link: z
			.strictObject({
				status: linkStatus.describe('State of the connection'),
				rttMs: z.number().optional().describe('Round trip, ms'),
				reason: text('Why it is not up').optional(),
			})
			.describe('The connection'),
		containers: z.strictObject(reading(z.array(container))).describe('The containers of the project'),
		health: z
			.array(
				z.strictObject({
					name: text('Name of the endpoint in the runbook'),
					url: text('What is asked'),
					...reading(healthValue),
				}),
			)
			.describe('The health endpoints'),
		...monitorFields,
		checks: z.array(checkResult).optional().describe('The checks as they stand'),
		suggestion: z
			.strictObject({ procedure: text('Id of the procedure'), why: text('Why') })
			.optional()
			.describe('What the runbook suggests for this'),
	}),
	verification: line('verification', 'The checks, each time one of them has changed', verificationFields),
	verdict: line('verdict', 'What the checks came to', verificationFields),
	procedure: line('procedure', 'A procedure of the runbook', {
		id: text('Its id'),
		title: text('Its title'),
		group: text('Its group in the menu'),
		when: text('When to use it'),
		risk: risk.describe('Its risk'),
		inputs: z
			.array(
				z.strictObject({
					name: text('Name of the input'),
					title: text('Its title'),
					type: z.enum(['commit', 'image', 'file', 'text']).describe('What kind of thing it is'),
					required: flag('Nothing is taken by itself'),
				}),
			)
			.describe('What is chosen before'),
		verify: z.array(z.string()).describe('Ids of the checks afterwards'),
		confirmation,
	}),
	inputs: line('inputs', 'The live choices for each input', {
		procedure: text('Id of the procedure'),
		inputs: z
			.array(
				z.strictObject({
					name: text('Name of the input'),
					title: text('Its title'),
					preset: text('What is taken when none is given; missing: one must be').optional(),
					choices: z
						.array(
							z.strictObject({
								value: text('The value'),
								label: text('What an operator reads first'),
								detail: text('More of it'),
								marks: z
									.array(z.string())
									.describe('`current`, `good` (verification has passed on it), `bad`, or what the runbook says'),
							}),
						)
						.describe('What there is on the host'),
					reason: text('Why there are no choices').optional(),
				}),
			)
			.describe('Each input'),
	}),
	plan: line('plan', 'Exactly what would run', { ...planFields, confirmation }),
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
	'restore-point': line('restore-point', 'What was kept before a run', restorePointFields),
	'drop-run': line('drop-run', 'A run that is beyond the limits, and is to be dropped', {
		run: text('Id of the run'),
		why: text('Why'),
		bytes: z.number().describe('Size of its folder on the host'),
	}),
	drop: line('drop', 'A restore point that is to be dropped', restorePointFields),
	dropped: line('dropped', 'It was dropped', {
		run: text('Id of the run'),
		left: text('What could not be dropped; empty: nothing'),
	}),
	checked: line('checked', 'The file is valid', {
		file: text('The file'),
		kind: z.enum(['config', 'runbook']).describe('What it is'),
		summary: text('Counts, in words'),
		runbooks: z
			.array(
				z.strictObject({
					target: text('Name of the target; of a config only').optional(),
					title: text('Title of the runbook'),
					procedures: z.int().describe('How many procedures'),
					checks: z.int().describe('How many checks'),
				}),
			)
			.describe('One for each target'),
	}),
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

export type OutputType = keyof typeof outputLines;

/** A line as the program prints it. */
export type Output = { [K in OutputType]: Shape<(typeof outputLines)[K]> }[OutputType];

/** The lines that following a run may print. */
const following: readonly OutputType[] = [
	'plan',
	'unknown',
	'run',
	'step',
	'waiting',
	'output',
	'gap',
	'link',
	'verification',
	'end',
];

/** Which lines each command prints with `--json`; any of them may print `error`. */
export const linesOfCommands: Readonly<Record<string, readonly OutputType[]>> = {
	status: ['status'],
	logs: ['log', 'log-note'],
	verify: ['verification', 'verdict'],
	procedures: ['procedure'],
	inputs: ['inputs'],
	plan: ['plan'],
	run: [...following, 'detached', 'verdict'],
	undo: [...following, 'detached'],
	retry: [...following, 'detached'],
	attach: following.filter((type) => type !== 'plan' && type !== 'unknown'),
	guard: [...following, 'guard', 'guard-state', 'guarded'],
	runs: ['run'],
	continue: ['answered'],
	cancel: ['cancel'],
	'restore-points': ['restore-point'],
	prune: ['drop-run', 'drop', 'dropped'],
	check: ['checked'],
	doctor: ['finding', 'doctor'],
	demo: ['demo'],
};
