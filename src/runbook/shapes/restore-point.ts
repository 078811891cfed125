import * as z from 'zod';
import { checkState, flag, moment, runState, text } from './basics.ts';

/** What was kept before a run changed anything. */
export const keptFields = {
	commit: text('The commit that was kept').optional(),
	branch: text('The branch; missing when HEAD was detached').optional(),
	keeps: z.array(z.string()).describe('What is kept, in words'),
	gone: z
		.array(z.string())
		.describe('What was kept and is not there any more, in words; empty where Docker does not answer'),
	bytes: z.number().describe('Size of its folder on the host'),
	knownGood: flag('Verification has passed on what it keeps'),
};

/** A restore point as the output tells it, with the run that it was kept before. */
export const restorePointFields = {
	run: text('Id of the run that it was kept before'),
	procedure: text('Id of its procedure'),
	title: text('Its title'),
	at: moment("When, by the host's clock"),
	state: runState.describe('State of that run'),
	verdict: checkState.optional().describe('What verification said of that run'),
	...keptFields,
};
