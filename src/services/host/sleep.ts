import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after this many milliseconds, or at once when the signal is aborted: the caller checks the signal. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
	delay(milliseconds, undefined, { signal }).catch(() => {});

/** Resolves when earlier changes of stores have been drawn, and data that arrived meanwhile has been handled. */
export const afterDrawing = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Returns the promise's result, or rejects with the signal's reason as soon as it is aborted. The promise itself continues. */
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
