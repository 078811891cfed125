import { firstLine, healthBytes, unexpected } from '../monitors/expectation.ts';
import { probe } from '../monitors/probe.ts';
import { asCurl } from '../monitors/request.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import { failedOutcome } from './failed-outcome.ts';
import { checkShare } from './http-share.ts';
import { httpOnHost } from './on-host.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

/** The longest time for all requests of one run of the check, ms. */
const longestMs = 60_000;

const keys = ({ z, url, request, timeLimit, expectation, percent }: SchemaParts) => ({
	url: url().describe('The URL to request'),
	...request(),
	timeout: timeLimit().prefault('5s').describe('Timeout of one request'),
	expect: expectation(),
	successes: percent()
		.optional()
		.describe(
			'The share of requests that must succeed: the check makes several each time. Without it: the one request must succeed',
		),
	requests: z
		.int()
		.min(2)
		.max(1000)
		.default(20)
		.describe('With successes: with fewer requests than this the result is unknown'),
	over: timeLimit().prefault('1m').describe('With successes: requests older than this do not count'),
});

const build = ({ timeout, successes, requests, over, ...rest }: Entry<typeof keys>) => ({
	...rest,
	timeoutMs: timeout,
	...(successes !== undefined && { share: { successes, requests, overMs: over } }),
});
type HttpCheck = Built<ReturnType<typeof build>>;

/**
 * Passes when the endpoint responds in time, with the expected status and body. Redirects are not followed.
 *
 * @param share shares the response that a monitor is waiting for
 */
const checkHttp = (definition: HttpCheck, { host }: CheckContext, share = false): CheckFunction => {
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
			return failedOutcome(error, asked);
		}
	};
};

export const http = defineCheckKind({
	about: 'A URL answers as expected',
	keys,
	check: (entry, _scripts, { child }, report) => {
		for (const key of ['requests', 'over']) {
			const node = child(entry, key);
			if (node !== undefined && child(entry, 'successes') === undefined) {
				report(node, `"${key}" counts only together with "successes"`);
			}
		}
	},
	build,
	run: (definition, { context, snapshots, share }) =>
		definition.share === undefined
			? checkHttp(definition, context, share)
			: checkShare(definition.share, checkHttp(definition, context), snapshots),
	onHost: httpOnHost,
	timeoutMs: ({ timeoutMs, share }) => Math.min(longestMs, timeoutMs * (share === undefined ? 1 : share.requests)),
	decisive: true,
});
