import * as z from 'zod';
import { checkState, flag, moment, orElse, text } from './basics.ts';

/** The result of one check, with its evidence. */
export const checkResult = z.strictObject({
	id: text('Id of the check in the runbook'),
	title: text('Its title'),
	state: orElse(checkState.describe('State'), 'unknown'),
	reason: text('Why'),
	asked: text('Command or request, as you can repeat it by hand'),
	evidence: text('Result, shortened, secrets masked'),
	at: moment('When the result came; 0 when it has not been checked yet'),
	inconclusive: z
		.enum(['too-little', 'nothing-before'])
		.optional()
		.describe(
			'Why it is unknown although it could be measured: too-little was measured, such as too few requests, or there is nothing-before to compare with',
		),
	measured: z.number().optional().describe('The measured value, of a check of kind query'),
	passingSince: moment('Since when it has passed without interruption').optional(),
});

/** The version that the check `version` has proven to be deployed. */
export const proven = z.strictObject({
	commit: text('The commit, if at least one image is proven to be built from it').optional(),
	images: z
		.array(
			z.strictObject({
				service: text('The service'),
				image: text('Id of the image that it runs'),
				ofCommit: flag('It is proven to be built from the commit, and is not only the image that the plan names'),
			}),
		)
		.describe('The images that the plan expects'),
});

/** The result of all checks together. Passed means that all of them passed at once for `settleSeconds`. */
export const verificationFields = {
	verdict: checkState.describe('The verdict; unknown is not passed'),
	final: flag('Whether the verdict is final'),
	checks: z.array(checkResult).describe('Each check with its evidence'),
	startedAt: moment('When it started'),
	settleSeconds: z.number().describe('For how long all checks must pass together'),
	holdingSince: moment('Since when all checks pass together; missing while one does not').optional(),
	deadlineAt: moment('Deadline of the verification').optional(),
	oneLook: z.literal(true).optional().describe('Each check ran once; nothing was observed over time'),
	proven: proven.optional().describe('What is proven to be deployed, healthy or not, if a plan says what must run'),
	reason: text('Why'),
};
