import type { HttpExpectation } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { hideLocalValues } from './local-values.ts';
import type { ProbeAnswer } from './probe.ts';

/** A longer response is no health response: it may never end. */
export const healthBytes = 256 * 1024;

type Expected = HttpExpectation['status'];

const isExpected = (status: number, expected: Expected): boolean =>
	Array.isArray(expected)
		? expected.some((one) => isExpected(status, one))
		: typeof expected === 'number'
			? status === expected
			: String(status).startsWith(String(expected).slice(0, 1));

/** Describes the expected status: `200`, `2xx`, `200, 204 or 3xx`. */
const inWords = (expected: Expected): string => {
	const all = [expected].flat().map(String);
	return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
};

/** @returns why a response is not as expected; undefined when it is */
export const unexpected = (answer: ProbeAnswer, expect: HttpExpectation): string | undefined => {
	if (!isExpected(answer.status, expect.status)) {
		const to = answer.location === undefined ? '' : ` to ${answer.location.slice(0, 200)}`;
		return `status ${answer.status}${to} instead of ${inWords(expect.status)}`;
	}
	if (answer.truncated) {
		return `more than ${healthBytes / 1024} kB, cut off`;
	}
	if (expect.body !== undefined && !new RegExp(expect.body, 'u').test(answer.body.toString('utf8'))) {
		return `the body does not match /${expect.body}/`;
	}
	for (const [name, pattern] of Object.entries(expect.headers ?? {})) {
		const value = answer.headers[name.toLowerCase()];
		if (!new RegExp(pattern, 'u').test(value ?? '')) {
			const shown = value === undefined ? 'is missing' : `is ${JSON.stringify(value.slice(0, 100))}`;
			return `the header ${name} ${shown} and does not match /${pattern}/`;
		}
	}
	if (expect.within !== undefined && answer.latencyMs > expect.within) {
		return `answered after ${answer.latencyMs} ms, not within ${expect.within} ms`;
	}
	return undefined;
};

/** Returns the first line with text, shortened. Unsanitised; without the values that requests took from the environment. */
export const firstLine = (body: Buffer): string =>
	maskSecrets(
		hideLocalValues(
			body
				.subarray(0, 2000)
				.toString('utf8')
				.split('\n')
				.map((line) => line.trim())
				.find((line) => line !== '')
				?.slice(0, 200) ?? '',
		),
	);
