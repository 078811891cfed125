import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after this many milliseconds, or at once when the signal is aborted: the caller checks the signal. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
	delay(milliseconds, undefined, { signal }).catch(() => {});

/** Resolves when what was put into a store before has been drawn, and what has come from hosts meanwhile has been taken in. */
export const afterDrawing = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The promise's result, or the signal's reason as soon as it is aborted. The promise itself goes on. */
export const orAbort = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
	if (!signal) {
		return promise;
	}
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) {
			promise.catch(() => {});
			abort();
			return;
		}
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
};
