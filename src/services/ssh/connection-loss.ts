import { BackoutError } from '../../runbook/errors.ts';
import type { Dialled } from './dial.ts';

/** The end of a connection. The first reason counts. */
export interface ConnectionLoss {
	/** The reason why it ended; undefined while it is up. */
	readonly reason: BackoutError | undefined;
	/** Resolves with the reason when it has ended. */
	readonly ended: Promise<BackoutError>;
	/** Ends it, for a reason in words. */
	lose(reason: string): void;
}

/**
 * Detects the loss of a connection.
 *
 * @param server the server's address, for the reason
 * @param host the target's host, as in the config
 */
export const watchForLoss = ({ client, stream }: Dialled, server: string, host: string): ConnectionLoss => {
	const end = Promise.withResolvers<BackoutError>();
	let lost: BackoutError | undefined;
	const lose = (reason: string) => {
		lost ??= new BackoutError('unreachable', `${server}: ${reason}`, { host });
		end.resolve(lost);
	};
	client.on('close', () => lose('the connection was lost'));
	client.on('error', (error) => lose(`the connection was lost: ${error.message}`));
	stream.on('close', () => lose('the connection was lost'));
	return {
		get reason() {
			return lost;
		},
		ended: end.promise,
		lose,
	};
};
