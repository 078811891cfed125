import * as z from 'zod';
import {
	duration,
	id,
	mapping,
	pathInDirectory,
	regex,
	script,
	text,
	url,
	variableName,
	variables,
} from '../../../runbook/schema/parts.ts';
import { check } from './checks.ts';
import { monitors } from './monitors.ts';
import { input, procedure } from './procedures.ts';

const verification = mapping('verification', {
	checks: z.array(text()).optional().describe('Ids of the checks, in the order shown; default: all'),
	settle: duration().prefault('30s').describe('All must hold at once for that long'),
	deadline: duration().prefault('5m').describe('Checks that have not passed by then have failed'),
}).describe('What proves that the service is back');

const link = mapping('link', {
	title: text().describe('Shown'),
	url: url().optional().describe('The page'),
	text: text().optional().describe('In words: a command, a document, whom to call'),
}).describe('Where to turn to: a page, or something in words, or both');

const condition = mapping('condition', {
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

const suggestion = mapping('suggestion', {
	procedure: text().describe('Id of the procedure'),
	why: text().describe('What is said to the operator'),
	when: condition,
}).describe('A procedure that is suggested when the readings say so');

/** A runbook file, after `extends` is merged and variables are filled in. */
export const runbookSchema = mapping('runbook', {
	extends: text()
		.optional()
		.describe('Another runbook that this one builds on: the name of a built-in one, or a path relative to this file'),
	title: text().describe('Name of the deployment, shown in the header'),
	variables: variables()
		.default({})
		.describe(
			'Values used in this file as ${name}, and in scripts as environment variables; a target may override them',
		),
	monitors: monitors.prefault({}).describe('What is watched all the time'),
	checks: z.record(id('an id'), check).default({}).describe('Verifications by id'),
	verification: verification.prefault({}),
	keeps: z
		.array(pathInDirectory())
		.default([])
		.describe(
			'Files and folders, relative to the directory, that every restore point copies: data that containers write there',
		),
	links: z.array(link).default([]).describe('Pages and contacts that help; shown in full when a run has failed'),
	scripts: z.record(id('a name'), script()).default({}).describe('POSIX sh scripts by name, for use in several places'),
	inputs: z.record(variableName(), input).default({}).describe('Inputs by name, for use in several procedures'),
	procedures: z.record(id('an id'), procedure).default({}).describe('Procedures by id'),
	order: z
		.array(text())
		.default([])
		.describe('Ids of procedures in the order of the menu; what is not named comes after, inherited ones first'),
	suggestions: z.array(suggestion).default([]).describe('Suggestions; the first whose condition is met is used'),
});

export type RunbookInput = z.output<typeof runbookSchema>;
