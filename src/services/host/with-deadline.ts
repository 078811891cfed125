/**
 * Runs work that must end in time. Rejects with an error of code ETIMEDOUT when it has not, and with the signal's reason when that is
 * aborted first.
 *
 * @param timeoutMs time limit, ms
 */
export const withDeadline = async <T>(
	timeoutMs: number,
	signal: AbortSignal,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
	signal.throwIfAborted();
	const deadline = new AbortController();
	const leave = () => deadline.abort(signal.reason);
	const timer = setTimeout(
		() => deadline.abort(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
		timeoutMs,
	);
	signal.addEventListener('abort', leave, { once: true });
	try {
		return await work(deadline.signal);
	} catch (error) {
		throw deadline.signal.aborted ? deadline.signal.reason : error;
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', leave);
	}
};
