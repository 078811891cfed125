import * as z from 'zod';
import { link, suggestion } from '../../../runbook/schema/entries.ts';
import {
	id,
	mapping,
	pathInDirectory,
	removable,
	script,
	text,
	timeLimit,
	variableName,
	variables,
	waitingTime,
} from '../../../runbook/schema/parts.ts';
import { input, procedure } from '../../../runbook/schema/procedures.ts';
import { silence } from '../../../runbook/schema/silence.ts';
import { check } from './checks.ts';
import { monitors } from './monitors.ts';

const verification = mapping('verification', {
	checks: z.array(text()).optional().describe('Ids of the checks, in the order shown; default: all'),
	settle: waitingTime().prefault('30s').describe('How long all checks must pass together'),
	deadline: timeLimit().prefault('5m').describe('Checks that have not passed by then have failed'),
}).describe('Which checks prove that the service is healthy');

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
	monitors: monitors.prefault({}).describe('Monitors'),
	checks: z.record(id('an id'), check).default({}).describe('Checks by id'),
	verification: verification.prefault({}),
	silence: removable(silence, 'Alerts to silence in an Alertmanager while a run interrupts services'),
	keeps: z
		.array(pathInDirectory())
		.default([])
		.describe(
			'Files and folders, relative to the directory, that containers write to; every restore point contains a copy',
		),
	links: z.array(link).default([]).describe('Pages and contacts, shown in full when a run has failed'),
	scripts: z.record(id('a name'), script()).default({}).describe('POSIX sh scripts by name, for use in several places'),
	inputs: z.record(variableName(), input).default({}).describe('Inputs by name, for use in several procedures'),
	procedures: z.record(id('an id'), procedure).default({}).describe('Procedures by id'),
	order: z
		.array(text())
		.default([])
		.describe('Ids of procedures in the order of the menu; all others come after these, inherited ones first'),
	suggestions: z.array(suggestion).default([]).describe('Suggestions; the first whose condition is met is used'),
});

export type RunbookInput = z.output<typeof runbookSchema>;
