import got from 'got';
import type { Masked } from '../../runbook/masked.ts';
import { describeFailure } from '../host/network-errors.ts';

const requestTimeoutMs = 5000;

/** Posts a value as JSON to a URL; see `post`. */
export const postWebhook = (url: string, value: Masked<object>, timeoutMs = requestTimeoutMs): Promise<void> =>
	post(url, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }, timeoutMs);

/**
 * Posts a body to a URL from this machine; the response is not read. Rejects with the reason; the URL, which may contain a secret, is not
 * in it.
 */
export const post = async (
	url: string,
	{ headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
	timeoutMs = requestTimeoutMs,
): Promise<void> => {
	if (!/^https?:/.test(url) || !URL.canParse(url)) {
		throw new Error('its URL is not one');
	}
	const { host } = new URL(url);
	const stream = got.stream.post(url, {
		headers: { ...headers },
		body,
		retry: { limit: 0 },
		timeout: { request: timeoutMs },
		throwHttpErrors: false,
		followRedirect: false,
	});
	// Errors after the status has arrived do not matter.
	stream.on('error', () => {});
	const status = await new Promise<number>((resolve, reject) => {
		stream.once('response', ({ statusCode }: { readonly statusCode: number }) => resolve(statusCode));
		stream.once('error', (error: NodeJS.ErrnoException) =>
			reject(
				new Error(
					`${host}: ${error.code === 'ETIMEDOUT' ? `no answer within ${timeoutMs / 1000} s` : describeFailure(error)}`,
				),
			),
		);
		stream.resume();
	}).finally(() => stream.destroy());
	if (status < 200 || status > 299) {
		throw new Error(`${host} answered ${status}`);
	}
};
