import * as z from 'zod';
import { duration, expectation, mapping, regex, text, through, url } from './parts.ts';

/** A health endpoint. */
export const health = mapping('health monitor', {
	name: text().describe('Shown beside the state'),
	url: url().describe('The address that answers when the service is well'),
	through: through(),
	interval: duration().prefault('5s').describe('Time between two looks'),
	timeout: duration().prefault('5s').describe('How long one look may take'),
	expect: expectation(),
}).describe('An HTTP endpoint that is asked again and again');

/** Where an operator turns to: a page, something in words, or both. */
export const link = mapping('link', {
	title: text().describe('Shown'),
	url: url().optional().describe('The page'),
	text: text().optional().describe('In words: a command, a document, whom to call'),
}).describe('Where to turn to: a page, or something in words, or both');

/** Conditions over readings; all that are given must hold. */
export const condition = mapping('condition', {
	restarting: text().optional().describe('A service whose container restarts, has ended with an error, or is gone'),
	stopped: text().optional().describe('A service whose container was stopped and did not start again'),
	unhealthy: text().optional().describe('A service whose container is unhealthy'),
	running: text().optional().describe('A service whose containers run, none of them restarted'),
	commit: z
		.enum(['unproven'])
		.optional()
		.describe('unproven: verification has not passed on the deployed commit, and has on another one'),
	rebuilt: text()
		.optional()
		.describe('A service that runs another image than the one on which verification passed with the deployed commit'),
	failed: text().optional().describe('Id of a check that fails'),
	evidence: mapping('evidence condition', {
		check: text().describe('Id of a check of the verification, whatever its verdict'),
		matches: regex('iu').describe('A regular expression (JavaScript, flags iu) for a line of its evidence'),
	})
		.optional()
		.describe('What a check rests on says so'),
	body: mapping('body condition', {
		endpoint: text().describe('Name of a health monitor'),
		matches: regex('iu').describe('A regular expression (JavaScript, flags iu) for the first line of its answer'),
	})
		.optional()
		.describe('What a health endpoint answers says so'),
	error: regex('iu')
		.optional()
		.describe(
			'A regular expression (JavaScript, flags iu) for the newest error line of the log that monitors.log watches; counts for three minutes',
		),
}).describe('All that are given must hold');

/** The keys of a suggestion's condition. */
export const conditionKinds: readonly string[] = Object.keys(condition.shape);

export const suggestion = mapping('suggestion', {
	procedure: text().describe('Id of the procedure'),
	why: text().describe('What is said to the operator'),
	when: condition,
}).describe('A procedure that is suggested when the readings say so');
