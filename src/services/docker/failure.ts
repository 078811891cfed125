import { BackoutError } from '../../runbook/errors.ts';

/** Words for the codes of Node's and got's network errors, as an operator reads them. */
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
	ERR_ABORTED: 'given up',
	ERR_INVALID_URL: 'not a URL',
};

/** One line for any error that a request can end with. */
export const describeFailure = (error: unknown): string => {
	if (error instanceof BackoutError) {
		return error.message;
	}
	const { code, message } =
		error instanceof Error ? (error as NodeJS.ErrnoException) : { code: '', message: String(error) };
	return words[code ?? ''] ?? message.split('\n')[0] ?? 'unknown failure';
};

/** An error that says that Docker on the host did not do what it was asked. */
export const dockerFailure = (host: string, what: string, error: unknown): BackoutError =>
	error instanceof BackoutError
		? error
		: new BackoutError('failed', `${what}: ${describeFailure(error)}`, {
				host,
				next: 'Look whether Docker runs on the host: systemctl status docker.',
				cause: error,
			});
