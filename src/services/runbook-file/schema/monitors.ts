import * as z from 'zod';
import { duration, expectation, mapping, percent, regex, removable, text, through, url } from '../../../runbook/schema/parts.ts';

const every = (time: string) => duration().prefault(time).describe('Time between two looks');
const timeout = (time: string) => duration().prefault(time).describe('How long one look may take');

const health = mapping('health monitor', {
	name: text().describe('Shown beside the state'),
	url: url().describe('The address that answers when the service is well'),
	through: through(),
	interval: every('5s'),
	timeout: timeout('5s'),
	expect: expectation(),
}).describe('An HTTP endpoint that is asked again and again');

const series = mapping('series', {
	series: text().describe('Name of the series, optionally with label matchers: http_requests_total{code="500"}'),
	title: text().optional().describe('Shown instead of the name'),
	unit: z.string().optional().describe('Shown after the value'),
	rate: z.boolean().default(false).describe('Show the increase a second instead of the value; for counters'),
}).describe('One series to show');

const metrics = mapping('metrics monitor', {
	url: url().describe('Where the metrics are, in the text format of Prometheus'),
	through: through(),
	interval: every('5s'),
	timeout: timeout('5s'),
	series: z.array(series).default([]).describe('The series to show'),
	prefix: z
		.string()
		.optional()
		.describe('Where no series is named: the first gauges whose names begin with this are shown'),
});

const alerts = mapping('alerts monitor', {
	url: url().describe('The base URL of an Alertmanager'),
	through: through(),
	interval: every('15s'),
	timeout: timeout('5s'),
	ignore: z
		.array(regex('u'))
		.default([])
		.describe(
			'Names of alerts that are shown and alarm nobody: regular expressions (JavaScript, flag u) for the whole name. Watchdog, InfoInhibitor and what is of severity none are always among them, and so is what fired before the newest container of the project was made',
		),
});

const backups = mapping('backups monitor', {
	patterns: z
		.array(text())
		.min(1, 'must not be empty')
		.describe('Files counted as backups: shell patterns, absolute or relative to the directory'),
	warnAfter: duration().prefault('26h').describe('Warn when the newest backup is older'),
	interval: every('60s'),
});

const disk = mapping('disk monitor', {
	path: text().default('/').describe('A path on the file system to watch'),
	warnAt: percent().prefault('80%').describe('Warn when this much is used'),
	downAt: percent().prefault('95%').describe('Call it down when this much is used'),
	interval: every('60s'),
});

const log = mapping('log monitor', {
	service: text().describe('The Compose service whose log is watched'),
	pattern: regex('iu').describe('A regular expression (JavaScript, flags iu) that makes a line an error'),
	except: regex('iu').optional().describe('Lines that match this are no errors'),
});

export const monitors = mapping('list of monitors', {
	health: z.array(health).default([]).describe('HTTP endpoints that are asked again and again'),
	metrics: removable(metrics, 'A page of Prometheus metrics'),
	alerts: removable(alerts, 'Alerts of an Alertmanager'),
	backups: removable(backups, 'Age and size of the newest backup'),
	disk: disk.prefault({}).describe('How full a file system is'),
	commit: removable(
		mapping('commit monitor', { interval: every('30s') }),
		'The commit that is checked out in the directory',
	),
	log: removable(log, "Errors a minute in a service's log"),
});
