import type { InstanceModel } from './instance-model.ts';

/** Resolves when an instance has changed or none can be read any more, after `ms`, or when the signal is aborted. */
export const nextChange = (
	instances: Pick<InstanceModel, 'subscribe'>,
	ms: number,
	signal: AbortSignal,
): Promise<void> =>
	new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			unsubscribe();
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		const unsubscribe = instances.subscribe({
			changed: ({ added, removed, changed }) => {
				if (added.length + removed.length + changed.length > 0) {
					done();
				}
			},
			failed: done,
		});
		signal.addEventListener('abort', done, { once: true });
		if (signal.aborted) {
			done();
		}
	});
