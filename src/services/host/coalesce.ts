import { orAbort } from './sleep.ts';

/**
 * Makes a request, or shares the response that another caller with the same request is still waiting for. Rejects with the signal's
 * reason when it is aborted; when all waiting callers have left, the call's own signal is aborted.
 */
export type RequestCoalescer = <T>(
	question: string,
	call: (left: AbortSignal) => Promise<T>,
	signal?: AbortSignal,
) => Promise<T>;

interface PendingRequest {
	readonly at: number;
	readonly answer: Promise<unknown>;
	readonly left: AbortController;
	waiting: number;
}

/** Window in which an identical request shares the response of an earlier one, ms. */
const shareWithinMs = 100;

/**
 * Creates a coalescer: identical requests within a moment are sent once. The response may be older than a caller's request, so it does not
 * suit a caller who has just been told that something happened, nor a verdict. Identical requests have the same type of response.
 */
export const createCoalescer = (): RequestCoalescer => {
	const under = new Map<string, PendingRequest>();

	const ask = <T>(question: string, call: (left: AbortSignal) => Promise<T>): PendingRequest => {
		const left = new AbortController();
		const mine: PendingRequest = { at: performance.now(), answer: call(left.signal), left, waiting: 0 };
		const forget = () => under.get(question) === mine && under.delete(question);
		mine.answer.then(forget, forget);
		left.signal.addEventListener('abort', forget);
		under.set(question, mine);
		return mine;
	};

	return async <T>(question: string, call: (left: AbortSignal) => Promise<T>, signal?: AbortSignal) => {
		signal?.throwIfAborted();
		const before = under.get(question);
		const asked = before === undefined || performance.now() - before.at > shareWithinMs ? ask(question, call) : before;
		asked.waiting++;
		try {
			return await orAbort(asked.answer as Promise<T>, signal);
		} finally {
			asked.waiting--;
			if (asked.waiting === 0 && signal?.aborted) {
				asked.left.abort(signal.reason);
			}
		}
	};
};
