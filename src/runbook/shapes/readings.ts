import * as z from 'zod';
import { flag, moment, readingState, text } from './basics.ts';
import { block } from './block.ts';

/** A reading with its time and its state. */
export const reading = <T extends z.ZodType>(value: T) => ({
	state: readingState.describe('State'),
	reason: text('Why it is not ok, or why there is no value').optional(),
	at: moment('When it was read; 0 when never'),
	stale: flag('Too old to prove anything'),
	value: value.optional().describe('The last value; missing if there has been none'),
});

export const container = z.strictObject({
	id: text('Id of the container'),
	name: text('Its name'),
	service: text('Its Compose service'),
	status: text('State from the engine: created, running, paused, restarting, removing, exited, dead'),
	health: text('Health from the engine: healthy, unhealthy, starting; missing without a health check').optional(),
	exitCode: z.int().optional().describe('Its last exit code'),
	restarts: z.int().describe('How often the engine has restarted it'),
	node: text('Name of the machine that it is on; missing where the engine has one').optional(),
	createdAt: moment("When it was created, by the host's clock").optional(),
	startedAt: moment("When it was started, by the host's clock").optional(),
	image: text('Name of its image'),
	imageId: text('Id of its image'),
	configHash: z.string().optional().describe('Hash of its configuration and environment, from Compose'),
	imageCreatedAt: moment('When the image was created').optional(),
	cpuPercent: z.number().optional().describe('CPU, percent of one core'),
	memoryBytes: z.number().optional().describe('Memory in use, bytes'),
	memoryLimitBytes: z.number().optional().describe('Its memory limit, bytes'),
	state: readingState.describe('State'),
});

/** Undefined when there was none; in a list, JSON has null for it. */
const historyItem = z.number().nullish() as unknown as z.ZodType<number | undefined>;

const history = z
	.array(historyItem)
	.describe('Earlier values, oldest first, as many as the dashboard shows; null if there was none');

export const healthValue = z.strictObject({
	status: z.int().optional().describe('HTTP status'),
	latencyMs: z.number().optional().describe('Time until the last byte, ms'),
	history,
	body: text('First line of the answer').optional(),
});

export const metricsValue = z.array(
	z.strictObject({
		name: text('Name of the series in the runbook'),
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
		startsAt: moment('When it started to fire'),
		quiet: text('Why it does not count, and is only shown').optional(),
	}),
);

export const node = z.strictObject({
	id: text('Id of the node'),
	name: text('Its host name'),
	role: z.enum(['manager', 'control-plane', 'worker']).describe('Its role'),
	state: z
		.enum(['ready', 'down', 'disconnected', 'unknown'])
		.describe('Its state, as the managers or the API server know it'),
	availability: z
		.enum(['active', 'pause', 'cordon', 'drain'])
		.describe('Whether it gets new tasks or pods, keeps what it has (pause, cordon), or gets none'),
	isLeader: z.boolean().describe('It leads the managers'),
	isHere: z.boolean().describe('It is the manager that was asked'),
	isReachable: z.boolean().optional().describe('The other managers reach it; missing for a worker'),
	message: text('The reason of its state').optional(),
	version: text('Version of its engine'),
	instances: z.int().describe('Number of tasks or pods of the deployment that run on it'),
});

export const nodesValue = z.array(node);

export const commitValue = z.strictObject({
	hash: text('The deployed commit, full hash'),
	subject: text('First line of its message'),
	branch: text('The branch; missing when HEAD is detached').optional(),
	committedAt: moment('When it was committed'),
	changed: z.int().describe('Number of changed tracked files'),
	untracked: z.int().describe('Number of untracked files'),
	verified: z.enum(['good', 'bad']).optional().describe('Result of its last verification; missing if unknown'),
	lastGood: text('The last commit that passed verification').optional(),
	goodImages: z.array(z.string()).optional().describe('Ids of images of this commit that passed verification'),
	blocked: block.optional().describe('The block of the deployed version, which was rolled back and is deployed again'),
});

export const backupValue = z.strictObject({
	name: text('Name of the newest file'),
	bytes: z.number().describe('Its size'),
	modifiedAt: moment("When it was written, by the host's clock"),
	count: z.int().describe('How many there are'),
	restored: z
		.strictObject({
			name: text('The backup'),
			at: moment("When it was restored, by the host's clock"),
			modifiedAt: moment('When the backup was written'),
		})
		.optional()
		.describe('The backup that was last restored for real, by a restore test or a restore; missing if none was'),
});

export const diskValue = z.strictObject({
	path: text('A folder on the file system'),
	usedPercent: z.number().describe('Used, percent'),
	freeBytes: z.number().describe('Free, bytes'),
});

export const logErrorsValue = z.strictObject({
	perMinute: z.number().describe('Errors in the last full minute'),
	history: z.array(z.number()).describe('Errors of each minute, oldest first'),
	lastLine: text('The newest error line').optional(),
});
