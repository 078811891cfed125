import { BackoutError } from '../../runbook/errors.ts';

const untrusted =
	'its certificate is from an authority that this machine does not trust (ca or fingerprint of the runbook can name it, NODE_EXTRA_CA_CERTS a file with more authorities)';

/** Words for the codes of Node's and got's network errors. */
const words: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection reset',
	EPIPE: 'connection closed',
	ENOTFOUND: 'no such host name',
	EHOSTUNREACH: 'no route to the host',
	ENETUNREACH: 'no route to the network',
	ETIMEDOUT: 'no answer in time',
	ENOENT: 'no such socket',
	EACCES: 'permission denied',
	ERR_ABORTED: 'aborted',
	ERR_INVALID_URL: 'not a URL',
	ERR_STREAM_PREMATURE_CLOSE: 'the answer ended early',
	HPE_HEADER_OVERFLOW: "the answer's header is too long",
	CERT_HAS_EXPIRED: 'its certificate has expired',
	CERT_NOT_YET_VALID: 'its certificate is not valid yet',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
	DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
	SELF_SIGNED_CERT_IN_CHAIN: untrusted,
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
	EPROTO: 'it does not speak TLS correctly',
	ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
	ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
	ERR_SSL_HTTP_REQUEST: 'it does not speak TLS',
};

/** Messages of got's errors without a useful code. */
const messages: readonly (readonly [RegExp, string])[] = [
	[/^Content-Length mismatch/, 'the answer ended early'],
	[
		/^(incorrect header check|unexpected end of file|invalid .* (code|block|distance)|incorrect data check)/,
		'the answer cannot be decompressed',
	],
];

/** True when the other side closed the connection. On a kept one that may happen just as it is used again, before any answer. */
export const isCut = (error: unknown): boolean =>
	['ECONNRESET', 'EPIPE'].includes((error as { code?: string } | undefined)?.code ?? '');

/** Describes any error of a request in one line. */
export const describeFailure = (error: unknown): string => {
	if (error instanceof BackoutError) {
		return error.message;
	}
	const { code, message } =
		error instanceof Error ? (error as NodeJS.ErrnoException) : { code: '', message: String(error) };
	if (code?.startsWith('HPE_') && words[code] === undefined) {
		return `the answer is not HTTP (${message.replace(/^Parse Error: /, '').split('\n')[0]})`;
	}
	const known = messages.find(([pattern]) => pattern.test(message));
	return known?.[1] ?? words[code ?? ''] ?? message.split('\n')[0] ?? 'unknown failure';
};
