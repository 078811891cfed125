import { BackoutError } from '../../runbook/errors.ts';
import { firstLine, healthBytes, unexpected } from '../monitors/expectation.ts';
import { probe } from '../monitors/probe.ts';
import { asCurl } from '../monitors/request.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

const keys = ({ url, request, timeLimit, expectation }: SchemaParts) => ({
	url: url().describe('The URL to request'),
	...request(),
	timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
	expect: expectation(),
});

const build = ({ timeout, ...rest }: Entry<typeof keys>) => ({ ...rest, timeoutMs: timeout });
type HttpCheck = Built<ReturnType<typeof build>>;

/**
 * Passes when the endpoint responds in time, with the expected status and body. Redirects are not followed.
 *
 * @param share shares the response that a monitor is waiting for
 */
export const lookAtHttp = (definition: HttpCheck, { host }: CheckContext, share = false): CheckFunction => {
	const from = definition.through === 'host' ? ` (on ${host.name})` : '';
	const asked = `${asCurl(definition, definition.timeoutMs)}${from}`;
	return async (signal) => {
		try {
			const answer = await probe(host, { ...definition, maxBytes: healthBytes, signal, share });
			const evidence = `${answer.status} after ${answer.latencyMs} ms: ${firstLine(answer.body)}`;
			const why = unexpected(answer, definition.expect);
			return why === undefined
				? { state: 'passed', reason: `status ${answer.status} in ${answer.latencyMs} ms`, asked, evidence }
				: { state: 'failed', reason: why, asked, evidence };
		} catch (error) {
			if (error instanceof BackoutError && error.code === 'failed') {
				return { state: 'failed', reason: error.message, asked, evidence: '' };
			}
			throw error;
		}
	};
};

export const http = defineCheckKind({
	about: 'A URL answers as expected',
	keys,
	build,
	run: (definition, { context, share }) => lookAtHttp(definition, context, share),
	decisive: true,
});
