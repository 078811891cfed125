import * as z from 'zod';
import { flag, linkStatus, moment, text } from '../../runbook/shapes/basics.ts';
import { checkResult, verificationFields } from '../../runbook/shapes/checks.ts';
import { container, reading } from '../../runbook/shapes/readings.ts';
import * as valueParts from '../../runbook/shapes/value-parts.ts';
import { listMonitorKinds, monitorKinds } from '../../services/monitors/monitor-kinds.ts';
import { exitCode, line, ofTarget } from './line.ts';

const monitorFields: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(monitorKinds).map(([name, kind]) => {
		const entry = z.strictObject(reading(kind.value(valueParts)));
		return [name, (kind.always ? entry : entry.optional()).describe(kind.reads)];
	}),
);

const listFields: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
	Object.entries(listMonitorKinds).map(([name, kind]) => {
		const entry = z.strictObject({ ...kind.names(valueParts), ...reading(kind.value(valueParts)) });
		return [name, z.array(entry).describe(kind.reads)];
	}),
);

/** Lines about errors, readings and the results of checks. */
export const readingLines = {
	error: line('error', 'The command failed; the last line, also after others', {
		...ofTarget,
		code: z
			.enum([
				'usage',
				'config',
				'unreachable',
				'untrusted',
				'refused',
				'failed',
				'unverified',
				'outcome-unknown',
				'cancelled',
			])
			.describe('Kind of failure'),
		message: text('What failed, and why'),
		host: z.string().nullable().describe('The host it happened on'),
		next: z.string().nullable().describe('What to do next'),
		run: text('The run whose outcome must be checked').optional(),
		problems: z
			.array(
				z.strictObject({
					file: text('The file'),
					line: z.int().describe('From 1'),
					column: z.int().describe('From 1, UTF-16 units'),
					message: text('The error'),
				}),
			)
			.optional()
			.describe('For a config or runbook: all errors in it'),
		exitCode,
	}),
	status: line('status', 'All readings at one moment', {
		ok: flag('Nothing that is watched is degraded, down, unknown or stale, and all checks pass'),
		target: text('Name of the target'),
		host: text('The host'),
		at: moment('When this was put together'),
		link: z
			.strictObject({
				status: linkStatus.describe('State of the connection'),
				rttMs: z.number().optional().describe('Round trip, ms'),
				reason: text('Why it is not up').optional(),
				instead: text('Reason why this host is asked and not an earlier one of the target').optional(),
			})
			.describe('The connection'),
		containers: z.strictObject(reading(z.array(container))).describe('The containers of the project'),
		...listFields,
		...monitorFields,
		checks: z.array(checkResult).optional().describe('The checks'),
		suggestion: z
			.strictObject({
				procedure: text('Id of the procedure'),
				why: text('Why'),
				others: z
					.array(z.strictObject({ procedure: text('Its id'), why: text('Why') }))
					.optional()
					.describe('Other procedures that fit, the best first'),
			})
			.optional()
			.describe('Suggestion of the runbook'),
	}),
	verification: line('verification', 'The checks, each time one of them has changed', {
		...verificationFields,
		...ofTarget,
	}),
	verdict: line('verdict', 'The verdict of all checks', { ...verificationFields, ...ofTarget }),
} as const;
