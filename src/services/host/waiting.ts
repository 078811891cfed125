/** Resolves after this long, or at once when aborted: the caller looks at the signal. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, milliseconds);
		if (signal.aborted) {
			done();
		} else {
			signal.addEventListener('abort', done, { once: true });
		}
	});

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
