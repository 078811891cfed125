import * as z from 'zod';
import { checkState, flag, moment, runState, text } from './basics.ts';

/** The contents of a restore point, saved before a run changed anything. */
export const keptFields = {
	commit: text('The saved commit').optional(),
	branch: text('The branch; missing when HEAD was detached').optional(),
	keeps: z.array(z.string()).describe('What it contains, in words'),
	gone: z.array(z.string()).describe('What it contained and is gone, in words; empty if the engine does not answer'),
	bytes: z.number().describe('Size of its folder on the host'),
	knownGood: flag('What it contains has passed verification'),
	keepsVerified: flag('It also has the images that ran when its run was verified'),
};

/** A restore point in output, with the run that it was saved for. */
export const restorePointFields = {
	run: text('Id of the run before which it was saved'),
	procedure: text('Id of its procedure'),
	title: text('Its title'),
	at: moment("When, by the host's clock"),
	state: runState.describe('State of that run'),
	verdict: checkState.optional().describe('Verdict on that run'),
	node: text('The other host of the target on which it is; missing: the host that is asked').optional(),
	...keptFields,
};
