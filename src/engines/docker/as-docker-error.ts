import { BackoutError } from '../../runbook/errors.ts';
import { describeFailure } from '../../services/host/network-errors.ts';

/** Returns an error that says that Docker on the host did not do what it was asked to do. */
export const asDockerError = (host: string, what: string, error: unknown): BackoutError =>
	error instanceof BackoutError
		? error
		: new BackoutError('failed', `${what}: ${describeFailure(error)}`, {
				host,
				next: 'Check that Docker runs on the host: systemctl status docker.',
				cause: error,
			});
