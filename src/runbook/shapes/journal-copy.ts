import * as z from 'zod';
import { must } from './basics.ts';
import { runStateFields, startedRun } from './run.ts';

const at = must(z.number().describe("When the host reported it, ms since the epoch, this machine's clock"));

/**
 * One line of a run's copy on the operator's machine; JSON, appended. `plan` has what does not change, `state` what does, and the last one
 * counts; `output` has masked text for a range of bytes of the output.
 */
export const copyEntries = {
	plan: z.strictObject({ type: z.literal('plan'), at, run: must(startedRun.describe('How it was started')) }),
	state: z.strictObject({ type: z.literal('state'), at, run: must(runStateFields.describe('State')) }),
	output: z.strictObject({
		type: z.literal('output'),
		at,
		from: must(z.number().describe('First byte')),
		to: must(z.number().describe('The byte after the last')),
		text: must(z.string().describe('Text, masked')),
	}),
};
