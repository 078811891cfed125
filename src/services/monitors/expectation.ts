import type { HttpExpectation } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import type { ProbeAnswer } from './probe.ts';

/** A longer answer is no health answer: it may never end. */
export const healthBytes = 256 * 1024;

/** @returns why an answer is not as expected; undefined when it is. */
export const unexpected = (answer: ProbeAnswer, expect: HttpExpectation): string | undefined => {
	if (answer.status !== expect.status) {
		const to = answer.location === undefined ? '' : ` to ${answer.location.slice(0, 200)}`;
		return `status ${answer.status}${to} instead of ${expect.status}`;
	}
	if (answer.truncated) {
		return `more than ${healthBytes / 1024} kB, cut off`;
	}
	if (expect.body !== undefined && !new RegExp(expect.body, 'u').test(answer.body.toString('utf8'))) {
		return `the body does not match /${expect.body}/`;
	}
	return undefined;
};

/** The first line that says something, shortened. Unsanitised. */
export const firstLine = (body: Buffer): string =>
	maskSecrets(
		body
			.subarray(0, 2000)
			.toString('utf8')
			.split('\n')
			.map((line) => line.trim())
			.find((line) => line !== '')
			?.slice(0, 200) ?? '',
	);
