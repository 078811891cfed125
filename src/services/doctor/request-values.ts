import { existsSync } from 'node:fs';
import type { Finding } from '../../runbook/finding.ts';
import type { HttpRequest, Runbook } from '../../runbook/runbook.ts';
import { localFile, localValue } from '../monitors/local-values.ts';
import { environmentOf } from '../monitors/request.ts';

/** Returns everything in a runbook that makes requests: monitors, also those in lists, and checks. */
const requestsOf = ({ monitors, checks }: Pick<Runbook, 'monitors' | 'checks'>): readonly Partial<HttpRequest>[] =>
	[...Object.values(monitors).flat(), ...checks].filter(
		(entry): entry is Partial<HttpRequest> => typeof entry === 'object' && entry !== null && 'url' in entry,
	);

/**
 * Checks what the requests of a runbook need from this machine: variables for headers, files with certificates. No finding if they need
 * nothing.
 */
export const checkRequestValues = (runbook: Pick<Runbook, 'monitors' | 'checks'>): readonly Finding[] => {
	const requests = requestsOf(runbook);
	const variables = [...new Set(requests.flatMap(environmentOf))];
	const files = [...new Set(requests.flatMap(({ ca }) => (ca === undefined ? [] : [localFile(ca)])))];
	const missing = [
		...variables.filter((name) => localValue(name) === undefined),
		...files.filter((path) => !existsSync(path)),
	];
	if (variables.length + files.length === 0) {
		return [];
	}
	const base = { id: 'request-values', where: 'here', title: 'Values for requests' } as const;
	return missing.length === 0
		? [{ ...base, state: 'ok', found: [...variables, ...files].join(', ') }]
		: [
				{
					...base,
					state: 'failed',
					found: `missing: ${missing.join(', ')}; the endpoints that need them are unknown`,
					fix: 'Set the variables in the environment, or in a file .env beside the config; put the certificates where the runbook says.',
				},
			];
};
