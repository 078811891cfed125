import * as z from 'zod';
import { flag, moment, readingState, text } from './basics.ts';

/** A reading with its time and its state. */
export const reading = <T extends z.ZodType>(value: T) => ({
	state: readingState.describe('State'),
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
	state: readingState.describe('State'),
});

/** Undefined where there was none; in a list, JSON has null for it. */
const historyItem = z.number().nullish() as unknown as z.ZodType<number | undefined>;

const history = z
	.array(historyItem)
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
		quiet: text('Why it does not count: it is only shown').optional(),
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
