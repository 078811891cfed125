import * as z from 'zod';
import { checkState, flag, moment, runState, text } from './basics.ts';

/** One deployment, whoever made it, as far as the host shows it. */
export const pastDeployment = {
	at: moment("When it was deployed, by the host's clock"),
	until: moment("When the next one replaced it, by the host's clock; missing: it is deployed now").optional(),
	source: z
		.enum(['run', 'git', 'containers'])
		.describe('What shows it: a run of backout, the log of HEAD (reflog), or only the creation of containers'),
	how: text('How it was made: title of the run, entry of the reflog, or services that were recreated'),
	commit: text('The commit that was checked out, full hash').optional(),
	subject: text('First line of its message').optional(),
	images: z
		.array(
			z.strictObject({
				service: text('The service'),
				image: text('Name of its image'),
				imageId: text('Id of its image'),
				configHash: text('Hash of its configuration and environment, from Compose').optional(),
			}),
		)
		.describe('Containers that were created then and still exist; empty: those of that time are gone'),
	run: text('Id of the run').optional(),
	node: text('The other host of the target on which that run is; missing: the host that is asked').optional(),
	by: text('Who: `user@machine` of a run, or the name that git notes in the reflog').optional(),
	reason: text('Reason that was given for the run').optional(),
	state: runState.optional().describe('State of the run'),
	unchecked: z.literal(true).optional().describe('The run has no checks, so it verified nothing'),
	verdict: checkState.optional().describe('Verdict of its verification, or the last one on its commit'),
	verdictOfCommit: flag(
		'The verdict is the last one on its commit, as nothing has verified this deployment itself',
	).optional(),
	blocked: flag('It was rolled back, and is blocked').optional(),
};
