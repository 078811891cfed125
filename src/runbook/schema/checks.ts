import * as z from 'zod';
import { expectation, through } from './monitors.ts';
import { duration, mapping, regex, script, text, url } from './parts.ts';

const title = () => text().optional().describe('Shown beside the verdict; default: the id');
const timeout = () => duration().prefault('5s').describe('How long one look may take');
const service = () => text().describe('The Compose service whose log is read');
const services = () => z.array(text()).min(1, 'must not be empty').describe('Compose services');

const containers = mapping('check "containers"', {
	kind: z
		.literal('containers')
		.describe('Every service runs, is healthy where it has a health check, and does not restart'),
	title: title(),
	except: z.array(text()).default([]).describe('Services that need not run'),
});

const http = mapping('check "http"', {
	kind: z.literal('http').describe('An address answers as expected'),
	title: title(),
	url: url().describe('The address to ask'),
	through: through(),
	timeout: timeout(),
	expect: expectation(),
});

const logState = mapping('check "log-state"', {
	kind: z.literal('log-state').describe('The newest line that matches good or bad is a good one'),
	title: title(),
	service: service(),
	good: regex('iu').describe('A regular expression (JavaScript, flags iu) for lines that say it is well'),
	bad: regex('iu').describe('A regular expression (JavaScript, flags iu) for lines that say it is not'),
	since: z
		.array(text())
		.optional()
		.describe('Only lines count that are newer than the last start of these services; default: the service itself'),
});

const logErrors = mapping('check "log-errors"', {
	kind: z.literal('log-errors').describe('No line since the container started matches'),
	title: title(),
	service: service(),
	pattern: regex('iu').describe('A regular expression (JavaScript, flags iu) that makes a line an error'),
	except: regex('iu').optional().describe('Lines that match this are no errors'),
	compare: z
		.enum(['none', 'before'])
		.default('none')
		.describe(
			'before: errors are no failure while they do not come more often than in the run of the same container before this one',
		),
});

const metrics = mapping('check "metrics"', {
	kind: z.literal('metrics').describe('The metrics can be read, have the expected series, and move'),
	title: title(),
	url: url().describe('Where the metrics are, in the text format of Prometheus'),
	through: through(),
	timeout: timeout(),
	prefix: z.string().default('').describe('What the names of the expected series begin with'),
	moves: z
		.union([z.boolean(), z.enum(['any']), z.array(text()).min(1, 'must not be empty')], {
			error: 'expected true, false, any, or a list of what the names of series begin with',
		})
		.default(true)
		.describe(
			'true: one of them must change between two looks; any: any series of the page; a list: also a series whose name begins with one of these, such as process_, for a service that is well while its own figures rest',
		),
});

const stopped = mapping('check "stopped"', {
	kind: z.literal('stopped').describe('These services run nothing'),
	title: title(),
	services: services().optional().describe('Compose services; default: all of the project'),
});

const running = mapping('check "running"', {
	kind: z.literal('running').describe('These services run, and are healthy where they have a health check'),
	title: title(),
	services: services(),
});

const scriptCheck = mapping('check "script"', {
	kind: z
		.literal('script')
		.describe(
			'A script on the host exits with 0. Other codes are a failure; 75, and a last line that begins with "unknown:", say that it is not known. The last line is the reason, all of the output the evidence',
		),
	title: title(),
	run: script().optional().describe('A POSIX sh script; it gets variables as environment variables'),
	script: text().optional().describe('The name of one of the scripts of this runbook'),
	timeout: duration().prefault('15s').describe('How long one look may take; after that it is not known'),
	interval: duration()
		.prefault('30s')
		.describe(
			'Time between two looks while all is well; what has failed is looked at sooner, and so is what is verified',
		),
});

const kinds = [containers, http, logState, logErrors, metrics, stopped, running, scriptCheck] as const;
const kindNames = kinds.map(({ shape }) => shape.kind.value);

export const check = z
	.discriminatedUnion('kind', kinds, {
		error: (issue) =>
			issue.code === 'invalid_union' ? `a check's kind is one of: ${kindNames.join(', ')}` : undefined,
	})
	.describe('One verification: what must hold for the service to be called back');
