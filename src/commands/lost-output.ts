const lost = new AbortController();

/** Aborted once nothing more can be printed: the reader of standard output is gone (`| head`), or its disk is full. */
export const outputLost: AbortSignal = lost.signal;

/**
 * Lets every command end as it would with a reader: its work continues, and its exit code is right. A full disk is reported on standard
 * error; a reader that is gone needs no report.
 */
export const outliveOutput = (): void => {
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (!outputLost.aborted && error.code !== 'EPIPE') {
			process.stderr.write(`backout: the output cannot be written: ${error.code ?? error.message}\n`);
		}
		lost.abort();
	});
	process.stderr.on('error', () => {});
};

/** Waits until the signal is aborted, or nothing can be printed any more. Throws the signal's reason. */
export const untilAborted = async (signal: AbortSignal): Promise<void> => {
	const either = AbortSignal.any([signal, outputLost]);
	if (!either.aborted) {
		await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
	}
	signal.throwIfAborted();
};

/** Waits until the output was read, or the reader is gone. */
export const untilPrinted = async (): Promise<void> => {
	if (!process.stdout.writableNeedDrain || outputLost.aborted) {
		return;
	}
	const { promise, resolve } = Promise.withResolvers<void>();
	const done = () => resolve();
	process.stdout.once('drain', done);
	outputLost.addEventListener('abort', done, { once: true });
	await promise;
	process.stdout.off('drain', done);
	outputLost.removeEventListener('abort', done);
};
