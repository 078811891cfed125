import * as z from 'zod';

/** A moment as all output tells it, but for the report's. */
export const moment = (what: string) => z.number().describe(`${what}, ms since the epoch`);
export const text = (what: string) => z.string().describe(what);
export const flag = (what: string) => z.boolean().describe(what);

export const readingState = z.enum(['ok', 'warn', 'down', 'unknown']);
export const checkState = z.enum(['passed', 'failed', 'unknown']);
export const risk = z.enum(['read-only', 'disruptive', 'destructive']);
export const runState = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'lost', 'unknown']);
export const linkStatus = z.enum(['connecting', 'up', 'silent', 'reconnecting', 'refused', 'closed']);

export const who = z.strictObject({ user: text('Name of the user'), machine: text('The machine he sat at') });

/** A reading with its time and its state. */
export const reading = <T extends z.ZodType>(value: T) => ({
	state: readingState.describe('How it stands'),
	reason: text('Why it is not ok, or why there is no value').optional(),
	at: moment('When it was read; 0 when never'),
	stale: flag('Too old to prove anything'),
	value: value.optional().describe('What was read last; missing when nothing ever was'),
});

export const container = z.strictObject({
	id: text('Id of the container'),
	name: text('Its name'),
	service: text('Its Compose service'),
	status: text('What Docker says: created, running, paused, restarting, removing, exited, dead'),
	health: text('What its health check says: healthy, unhealthy, starting; missing where it has none').optional(),
	exitCode: z.int().optional().describe('Its last exit code'),
	restarts: z.int().describe('How often Docker has restarted it'),
	createdAt: moment("When it was made, by the host's clock").optional(),
	startedAt: moment("When it was started, by the host's clock").optional(),
	image: text('Name of its image'),
	imageId: text('Id of its image'),
	configHash: z.string().optional().describe('What Compose says of the configuration and environment it was made with'),
	imageCreatedAt: moment('When the image was made').optional(),
	cpuPercent: z.number().optional().describe('CPU, percent of one core'),
	memoryBytes: z.number().optional().describe('Memory in use, bytes'),
	memoryLimitBytes: z.number().optional().describe('Its memory limit, bytes'),
	state: readingState.describe('How it stands'),
});

const history = z
	.array(z.number().nullish())
	.describe('Earlier values, oldest first; null where there was none, and at most as many as the dashboard shows');

export const healthValue = z.strictObject({
	status: z.int().optional().describe('HTTP status'),
	latencyMs: z.number().optional().describe('Until the last byte, ms'),
	history,
	body: text('First line of the answer').optional(),
});

export const metricsValue = z.array(
	z.strictObject({
		name: text('The series, as the runbook names it'),
		title: text('Its title'),
		unit: text('Its unit').optional(),
		value: z.number().optional().describe('Its value now'),
		history,
	}),
);

export const alertsValue = z.array(
	z.strictObject({
		name: text('Name of the alert'),
		severity: text('Its severity').optional(),
		summary: text('Its summary').optional(),
		startsAt: moment('Since when it fires'),
		quiet: text('Why it alarms nobody: it is shown, and counts for nothing').optional(),
	}),
);

export const commitValue = z.strictObject({
	hash: text('The deployed commit, full hash'),
	subject: text('First line of its message'),
	branch: text('The branch; missing when HEAD is detached').optional(),
	committedAt: moment('When it was committed'),
	changed: z.int().describe('How many tracked files are changed'),
	untracked: z.int().describe('How many files are untracked'),
	verified: z
		.enum(['good', 'bad'])
		.optional()
		.describe('What verification said of it last; missing when nothing is known'),
	lastGood: text('The commit that verification passed on last').optional(),
	goodImages: z.array(z.string()).optional().describe('Ids of images of this commit that verification passed on'),
});

export const backupValue = z.strictObject({
	name: text('Name of the newest file'),
	bytes: z.number().describe('Its size'),
	modifiedAt: moment("When it was written, by the host's clock"),
	count: z.int().describe('How many there are'),
});

export const diskValue = z.strictObject({
	path: text('The folder whose file system it is'),
	usedPercent: z.number().describe('Used, percent'),
	freeBytes: z.number().describe('Free, bytes'),
});

export const logErrorsValue = z.strictObject({
	perMinute: z.number().describe('Errors in the last full minute'),
	history: z.array(z.number()).describe('Errors of each minute, oldest first'),
	lastLine: text('The newest line that is one').optional(),
});

export const checkResult = z.strictObject({
	id: text('Id of the check in the runbook'),
	title: text('Its title'),
	state: checkState.describe('How it stands'),
	reason: text('Why'),
	asked: text('What was asked, as it can be asked by hand'),
	evidence: text('What came, shortened, secrets masked'),
	at: moment('When it came; 0 when it has not been looked at yet'),
	passingSince: moment('Since when it passes without a break').optional(),
});

export const verificationFields = {
	verdict: checkState.describe('What it comes to; unknown is not passed'),
	final: flag('Whether the verdict may still change'),
	checks: z.array(checkResult).describe('Each check with its evidence'),
	startedAt: moment('When it began'),
	settleSeconds: z.number().describe('For how long all must hold together'),
	holdingSince: moment('Since when all hold together; missing while one does not').optional(),
	deadlineAt: moment('Until when it goes on looking').optional(),
	oneLook: z.literal(true).optional().describe('It rests on one look at each check: nothing was watched'),
	proven: z
		.strictObject({
			commit: text('The commit, where at least one image is proven to be of it').optional(),
			images: z
				.array(
					z.strictObject({
						service: text('The service'),
						image: text('Id of the image that it runs'),
						ofCommit: flag('It is proven to be of the commit, and not only the image that the plan names'),
					}),
				)
				.describe('The images that the plan expects'),
		})
		.optional()
		.describe('What is proven to be deployed, well or not, where a plan says what must run'),
	reason: text('Why'),
};

export const confirmation = z
	.discriminatedUnion('kind', [
		z.strictObject({ kind: z.literal('none').describe('Nothing is asked for') }),
		z.strictObject({ kind: z.literal('yes').describe('`--yes`') }),
		z.strictObject({ kind: z.literal('typed').describe('`--confirm`'), text: text('What must be typed') }),
	])
	.describe('What must be given before it starts');

export const stepRun = {
	id: text('Id of the step in the plan'),
	state: z
		.enum(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'skipped'])
		.describe('How it stands'),
	startedAt: moment("When it began, by the host's clock").optional(),
	endedAt: moment("When it ended, by the host's clock").optional(),
	exitCode: z.int().optional().describe('Exit code of its script'),
	outputFrom: z.int().optional().describe("Where its output begins in the run's, bytes"),
	outputTo: z.int().optional().describe("Where its output ends in the run's, bytes"),
	answer: z
		.strictObject({
			answer: z.enum(['done', 'gave-up']).describe('What was said'),
			at: moment("When, by the host's clock"),
			who: who.describe('Who said so'),
			reason: text('What was done or found; may be empty'),
		})
		.optional()
		.describe('Of a manual step: what the operator said'),
};

export const runFields = {
	id: text('Id of the run'),
	procedure: text('Id of the procedure'),
	title: text('Its title'),
	who: who.describe('Who started it'),
	reason: text('Why, in his words; may be empty'),
	startedAt: moment("When it began, by the host's clock"),
	endedAt: moment("When it ended, by the host's clock").optional(),
	state: runState.describe('How it stands; `lost`: it died without a result, `unknown`: the host cannot tell'),
	waits: text('What the operator is to do before it goes on, the first line; missing: it waits for nobody').optional(),
	lostBy: z.enum(['restart', 'death']).optional().describe('Of a lost run: the host was restarted, or it alone died'),
	verdict: checkState.optional().describe('What verification said of it last; missing: not verified'),
	from: text('The run that it undoes, or goes on with').optional(),
	damaged: text('What of its folder on the host cannot be read').optional(),
	pruned: z
		.strictObject({ at: moment('When'), why: text('Why') })
		.optional()
		.describe('Its output, plan and restore point were taken away'),
	source: z
		.literal('copy')
		.optional()
		.describe('The host could not be asked: this is told by the copy on this machine, and may be out of date'),
	asOf: moment('Of a copy: when the host told it last').optional(),
};

export const planFields = {
	version: z.literal(1).describe('Version of the format of plans'),
	procedure: text('Id of the procedure'),
	title: text('Its title'),
	when: text('When to use it'),
	risk: risk.describe('Its risk'),
	target: text('Name of the target'),
	host: text('The host'),
	directory: text('Directory of the deployment on the host'),
	project: text('The Compose project'),
	madeAt: moment('When the plan was made'),
	inputs: z
		.array(
			z.strictObject({
				name: text('Name of the input'),
				title: text('Its title'),
				value: text('The value that the scripts get'),
				label: text('What an operator reads first'),
				detail: text('More of it'),
			}),
		)
		.describe('What was chosen, each fixed to one value'),
	environment: z.record(z.string(), z.string()).describe('What the scripts get in their environment, secrets masked'),
	preconditions: z
		.array(
			z.strictObject({
				id: text('Its id'),
				title: text('What must hold'),
				state: checkState.describe('Whether it holds'),
				detail: text('What it said, one line'),
				script: text('What was run for it').optional(),
				once: flag('It need hold before the first step only').optional(),
			}),
		)
		.describe('What was looked at; one that has not passed stops it before anything is changed'),
	previews: z
		.array(z.strictObject({ title: text('What it shows'), text: text('What its script printed') }))
		.describe('What helps to decide'),
	steps: z
		.array(
			z.strictObject({
				id: text('Its id'),
				title: text('Its title'),
				kind: z.enum(['run', 'wait', 'manual']).describe('A script, a condition waited for, or what the operator does'),
				script: text('What will run, POSIX sh; empty for a manual step and a plain countdown'),
				text: text('What the operator is to do').optional(),
				timeoutSeconds: z.number().describe('It is ended after so long'),
				intervalSeconds: z.number().optional().describe('Of a wait: between two looks'),
				expected: z
					.strictObject({ ms: z.number().describe('The median'), runs: z.number().describe('Of so many runs') })
					.optional()
					.describe('How long it took in earlier runs'),
				summary: text('A built-in step in words').optional(),
				mayFail: flag('Its failure does not stop the run').optional(),
			}),
		)
		.describe('What will run, in order'),
	changes: z
		.array(
			z.strictObject({
				service: text('The service'),
				action: z
					.enum(['recreate', 'create', 'stop', 'keep'])
					.describe('What becomes of its containers: made anew, made for the first time, stopped and kept, or nothing'),
				interrupted: flag('It runs now, and is unavailable for a while').optional(),
				staysStopped: flag('It was stopped by hand, and stays so').optional(),
				why: z.array(z.string()).describe('What differs, in words'),
			}),
		)
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
		.describe('What is looked at afterwards'),
	expects: z
		.strictObject({
			service: text('The service'),
			commit: text('The commit it must be made from').optional(),
			image: text('The image it must run').optional(),
			services: z
				.array(
					z.strictObject({
						service: text('The service'),
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
	retryOf: z
		.strictObject({
			run: text('Id of that run'),
			title: text('Title of its procedure'),
			step: text('The step it begins with'),
			origin: text('The run in whose place it goes on').optional(),
		})
		.optional()
		.describe('The run that it goes on with'),
};

export const restorePointFields = {
	run: text('Id of the run that it was kept before'),
	procedure: text('Id of its procedure'),
	title: text('Its title'),
	at: moment("When, by the host's clock"),
	state: runState.describe('How that run stands'),
	verdict: checkState.optional().describe('What verification said of that run'),
	commit: text('The commit that was kept').optional(),
	branch: text('The branch; missing when HEAD was detached').optional(),
	keeps: z.array(z.string()).describe('What is kept, in words'),
	gone: z
		.array(z.string())
		.describe('What was kept and is not there any more, in words; empty where Docker does not answer'),
	bytes: z.number().describe('Size of its folder on the host'),
	knownGood: flag('Verification has passed on what it keeps'),
};
