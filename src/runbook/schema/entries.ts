import * as z from 'zod';
import { mapping, regex, text, url } from './parts.ts';

/** A link for the operator: a page, an instruction in words, or both. */
export const link = mapping('link', {
	title: text().describe('Shown'),
	url: url().optional().describe('The page'),
	text: text().optional().describe('A text: a command, a document, whom to call'),
}).describe('A URL, a text, or both, that help in an incident');

/** Conditions on readings; all that are given must be met. */
export const condition = mapping('condition', {
	restarting: text().optional().describe('A service whose container restarts, has ended with an error, or is gone'),
	restartingBesides: z
		.array(text())
		.optional()
		.describe('Another service than these, whose container restarts, has ended with an error, or is gone'),
	stopped: text().optional().describe('A service whose container was stopped and did not start again'),
	unhealthy: text().optional().describe('A service whose container is unhealthy'),
	running: text().optional().describe('A service whose containers run, none of them restarted'),
	commit: z
		.enum(['unproven'])
		.optional()
		.describe('unproven: the deployed commit has not passed verification, and another one has'),
	rebuilt: text()
		.optional()
		.describe('A service that runs a different image from the one that passed verification with the deployed commit'),
	failed: text().optional().describe('Id of a check that fails'),
	evidence: mapping('evidence condition', {
		check: text().describe('Id of a check of the verification, whatever its verdict'),
		matches: regex('iu').describe('A regular expression (JavaScript, flags iu) for a line of its evidence'),
	})
		.optional()
		.describe('A line of the evidence of a check'),
	body: mapping('body condition', {
		endpoint: text().describe('Name of a health monitor'),
		matches: regex('iu').describe('A regular expression (JavaScript, flags iu) for the first line of its answer'),
	})
		.optional()
		.describe('The answer of a health endpoint'),
	error: regex('iu')
		.optional()
		.describe(
			'A regular expression (JavaScript, flags iu) for the newest error line of the log that monitors.log watches; counts for three minutes',
		),
}).describe('All given conditions must be met');

/** The keys of a suggestion's condition. */
export const conditionKinds: readonly string[] = Object.keys(condition.shape);

export const suggestion = mapping('suggestion', {
	procedure: text().describe('Id of the procedure'),
	why: text().describe('Reason shown to the operator'),
	when: condition,
}).describe('A procedure to suggest when a condition is met');
