import { useEffect, useState } from 'react';

export type Task<T> =
	| { readonly status: 'under-way'; readonly since: number }
	| { readonly status: 'done'; readonly value: T }
	| { readonly status: 'failed'; readonly error: unknown };

/**
 * Runs something asynchronous when `key` changes, and aborts it when the key changes again or the component is unmounted.
 * @param key undefined runs nothing
 */
export const useTask = <T>(key: string | undefined, run: (signal: AbortSignal) => Promise<T>): Task<T> => {
	const [result, setResult] = useState<{ readonly key: string | undefined; readonly task: Task<T> }>();
	const [since] = useState(() => ({ key, at: Date.now() }));
	if (since.key !== key) {
		since.key = key;
		since.at = Date.now();
	}
	useEffect(() => {
		if (key === undefined) {
			return;
		}
		const aborter = new AbortController();
		const settle = (task: Task<T>) => {
			if (!aborter.signal.aborted) {
				setResult({ key, task });
			}
		};
		run(aborter.signal).then(
			(value) => settle({ status: 'done', value }),
			(error: unknown) => settle({ status: 'failed', error }),
		);
		return () => aborter.abort();
	}, [key]);
	return result !== undefined && result.key === key ? result.task : { status: 'under-way', since: since.at };
};
