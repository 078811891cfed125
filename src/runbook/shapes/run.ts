import * as z from 'zod';
import { checkState, flag, moment, must, orElse, readingState, runState, stepState, text, who } from './basics.ts';
import { checkResult } from './checks.ts';
import { plan } from './plan.ts';

/** What SSH and the host prove about an operator. Unknown parts are empty. */
const identity = z.strictObject({
	account: text('Account on the host'),
	key: text('Fingerprint of the SSH key'),
	certificate: text('Key id of the SSH certificate'),
});

/** What an approval rests on. */
export const approval = z.strictObject({
	basis: z
		.enum(['keys', 'accounts', 'names'])
		.describe(
			'What shows that it was another operator: SSH keys, accounts on the host, or only the claimed names, because the host could not tell who was connected',
		),
	proof: z
		.enum(['auth-info', 'sshd-log', 'none'])
		.describe("Source of the approver's key: ExposeAuthInfo of sshd, its log, or none"),
	by: identity.describe('Who approved'),
	starter: identity.describe('Who started the run'),
});

/** The operator's answer to a manual step. */
export const answer = z.strictObject({
	answer: z.enum(['done', 'gave-up', 'approved']).describe('The answer'),
	at: moment("When, by the host's clock"),
	who: who.describe('Who answered'),
	reason: text('Comment; may be empty'),
	approval: approval.optional().describe('For an approval: what it rests on'),
});

/** A step of a run as recorded on the host. */
export const stepRun = {
	id: text('Id of the step in the plan'),
	state: stepState.describe('State'),
	startedAt: moment("When it began, by the host's clock").optional(),
	endedAt: moment("When it ended, by the host's clock").optional(),
	exitCode: z.int().optional().describe('Exit code of its script'),
	outputFrom: z.int().optional().describe('Offset of the start of its output in that of the run, bytes'),
	outputTo: z.int().optional().describe('Offset of the end of its output in that of the run, bytes'),
	answer: answer.optional().describe('Answer of the operator to a manual step'),
};

/** The verdict of a verification, as saved with the run: a line of its `verdicts`. Times are of the machine that verified. */
export const runVerdict = z.strictObject({
	// An unknown word proves nothing, so it is no verdict.
	verdict: checkState,
	at: z.number(),
	by: who,
	reason: z.string(),
	checks: z.array(checkResult),
});

/** One fact that was read from the host, in words. */
const capturedFact = z.strictObject({
	what: text('What: `container trading-engine`, `health engine`, `alerts`'),
	state: orElse(readingState.describe('State'), 'unknown'),
	said: text('Details, one line'),
	measured: z.number().optional().describe('The measured value, of a check of kind query'),
	at: moment('When it was read, by the clock of the machine that read it; 0: never'),
	stale: orElse(z.boolean().describe('Too old to prove anything when it was recorded'), true),
});

const capturedContainer = z.strictObject({
	service: z.string(),
	name: z.string(),
	id: z.string(),
	image: z.string(),
	imageId: z.string(),
	status: z.string(),
});

const capturedCommit = z.strictObject({
	hash: must(text('Full hash')),
	subject: z.string(),
	branch: z.string().optional(),
	changed: z.number(),
	untracked: z.number(),
});

/**
 * A target's readings at one moment, saved with a run: at its confirmation, and at its verdict. A line of its `readings`. Sanitised and
 * masked.
 */
export const capturedReadings = z.strictObject({
	moment: z.enum(['before', 'after']),
	at: moment('When, by the clock of the machine that read them'),
	by: who,
	seen: must(z.array(capturedFact).describe('Every reading')),
	containers: z.array(capturedContainer).optional(),
	commit: capturedCommit.optional(),
	suspectedStart: z
		.strictObject({ at: must(moment('When')), why: z.string() })
		.optional()
		.describe('When the incident seems to have started, ms since the epoch, and why'),
	suggestion: z
		.strictObject({ procedure: must(text('Its id')), why: z.string() })
		.optional()
		.describe('Suggestion of the runbook for these readings'),
});

/** The remainder of a run whose output, plan and restore point were deleted. */
const pruned = z.strictObject({ at: moment('When'), why: text('Why') });
const lostBy = z.enum(['restart', 'death']);

/** A missing part of a run's output, which was too long to keep. */
export const outputGap = z.strictObject({
	from: must(z.int().describe('First byte that is missing')),
	to: must(z.int().describe('First byte after the gap')),
});

/** Fields of a run that do not change: how it was started. */
export const startedRun = z.strictObject({
	id: must(text('Id of the run')),
	plan: must(plan.describe('Its plan')),
	who,
	reason: z.string(),
	startedAt: z.number(),
});

/** Fields of a run that change until it is pruned. */
export const runStateFields = z.strictObject({
	endedAt: moment("When it ended, by the host's clock").optional(),
	state: orElse(runState.describe('State'), 'unknown'),
	exitCode: z.number().optional(),
	steps: must(z.array(z.strictObject(stepRun)).describe('Steps, in the order of the plan')),
	outputBytes: z.number().describe('Bytes of output, including those that the host has not kept'),
	planHash: text('For a run that needs an approval: SHA-256 of its plan, hexadecimal').optional(),
	outputGap: outputGap.optional().describe('Part of the output that the host has not kept'),
	verified: runVerdict.optional().describe('Verdict; missing: steps done, not verified'),
	verdicts: z.array(runVerdict).optional().describe('All verdicts, oldest first; `verified` is the last'),
	readings: z.array(capturedReadings).optional().describe('Readings before and after it'),
	cancelledBy: who.optional().describe('Who cancelled it; also set if it ended before that took effect'),
	lostBy: lostBy.optional().describe('For a lost run: whether the host was restarted, or only the supervisor died'),
	damaged: z.string().optional().describe('What cannot be read in its folder on the host'),
	gone: z
		.literal(true)
		.optional()
		.describe('Its folder on the host was deleted while it was followed; this is its last known state'),
	pruned: pruned.optional().describe('Its output, plan and restore point were pruned'),
	facts: z.record(z.string(), z.string()).describe('What steps recorded: `image` (id built), `restore_point`…'),
});

/** The holder of a deployment's lock, as the file `owner` names it. Unreadable fields are `unknown`. */
export const lockHolder = z.strictObject({
	run: text('Id of the run that holds it'),
	who,
	since: moment("Since when, by the host's clock; 0 when that is not known"),
	reason: text('Why; may be empty'),
	procedure: text('Id of the procedure'),
	node: text(
		'The other host on which that run lives, as a manager of the same swarm; missing: the host itself',
	).optional(),
	isUnheard: flag('Nothing is heard from that node: the state of the run is unknown until it is back').optional(),
});

/** One line of the journal, as `runs` lists it. */
export const runFields = {
	id: text('Id of the run'),
	procedure: text('Id of the procedure'),
	title: text('Its title'),
	who: who.describe('Who started it'),
	reason: text('Reason that the operator gave; may be empty'),
	startedAt: moment("When it began, by the host's clock"),
	endedAt: moment("When it ended, by the host's clock").optional(),
	state: runState.describe('State; `lost`: it died without a result, `unknown`: the host does not know'),
	waits: text('First line of the task for the operator; missing: it does not wait').optional(),
	lostBy: lostBy.optional().describe('For a lost run: whether the host was restarted, or only the run died'),
	verdict: checkState.optional().describe('Last verdict; missing: not verified'),
	guard: z.literal(true).optional().describe('It is a guard on the host'),
	unchecked: z.literal(true).optional().describe('It has no checks, so nothing is to be verified'),
	from: text('The run that it undoes or continues').optional(),
	damaged: text('What cannot be read in its folder on the host').optional(),
	pruned: pruned.optional().describe('Its output, plan and restore point were pruned'),
	node: text(
		'The other host on which it lives, as a manager of the same swarm; while that does not answer, its state is unknown',
	).optional(),
	source: z
		.literal('copy')
		.optional()
		.describe('The host could not be reached; this is the copy on this machine, and may be out of date'),
	asOf: moment('For a copy: when the host last reported it').optional(),
};
