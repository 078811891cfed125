import * as z from 'zod';
import { text } from '../../runbook/shapes/basics.ts';
import { block } from '../../runbook/shapes/block.ts';
import { pastDeployment } from '../../runbook/shapes/history.ts';
import { restorePointFields } from '../../runbook/shapes/restore-point.ts';
import { line } from './line.ts';

/** Lines about earlier runs and restore points, about those that `prune` deletes, and about checked files. */
export const keptLines = {
	'restore-point': line('restore-point', 'A restore point', restorePointFields),
	missing: line('missing', 'What a host of the target has recorded is missing from the list', {
		target: text('Name of the target'),
		host: text('The host, as the config names it'),
		reason: text('Why it was not read'),
	}),
	'drop-run': line('drop-run', 'A run beyond the limits, which will be pruned', {
		run: text('Id of the run'),
		why: text('Why'),
		bytes: z.number().describe('Size of its folder on the host'),
	}),
	drop: line('drop', 'A restore point that will be deleted', restorePointFields),
	dropped: line('dropped', 'It was deleted', {
		run: text('Id of the run'),
		left: text('What could not be deleted; empty: nothing'),
	}),
	deployment: line('deployment', 'Something that was deployed, newest first', {
		...pastDeployment,
		target: text('Name of the target'),
	}),
	unblocked: line('unblocked', 'A version that was rolled back may be deployed again', {
		...block.shape,
		target: text('Name of the target'),
	}),
	unlocked: line('unlocked', 'The lock of a run on a host that is gone for good was given up', {
		target: text('Name of the target'),
		run: text('Id of that run'),
		node: text('The host on which it lived'),
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
} as const;
