import * as z from 'zod';
import { duration, mapping, request, text, timeLimit, url } from './parts.ts';

/** A name of a label: Prometheus, "Data model". */
const labelName = () =>
	z.string().regex(/^[A-Za-z_]\w*$/, 'a label is made of letters, digits and _, and begins with a letter or _');

const matcher = mapping('matcher', {
	name: labelName().describe('The label'),
	value: text().optional().describe('Its value'),
	matches: text().optional().describe('A regular expression (RE2) for its whole value, in place of value'),
	not: z.boolean().default(false).describe('True: the alerts whose label is not so'),
})
	.refine(({ value, matches }) => (value === undefined) !== (matches === undefined), 'a matcher has value or matches')
	.describe('A condition for the label of an alert');

/** The silence of a runbook. */
export const silence = mapping('silence', {
	url: url()
		.optional()
		.describe('The base URL of an Alertmanager; default: that of monitors.alerts, with its settings'),
	...request(),
	timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
	matchers: z.array(matcher).default([]).describe('An alert is silenced if all of them fit'),
	service: labelName()
		.optional()
		.describe('The label that names the service of an alert: only those of the interrupted services are silenced'),
	for: duration()
		.refine((ms) => ms >= 10_000 && ms <= 3_600_000, 'must be from 10s to 1h')
		.prefault('5m')
		.describe('How long the silence outlasts a backout that dies; it is extended until the run has its verdict'),
}).refine(
	({ matchers, service }) => matchers.length > 0 || service !== undefined,
	'a silence has matchers, service, or both: it never silences everything',
);
