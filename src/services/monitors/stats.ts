import type { Engine } from '../../engine/engine.ts';
import type { Usage } from '../../engine/instance.ts';

/** Number of containers with a stream of statistics; the others are polled in turn, because a sample takes the daemon one to two seconds. */
const streamed = 10;
/** Interval between the starts of two samples of the others, ms. */
const pollMs = 2000;
const retryMs = 5000;

export interface StatsOptions {
	sample(id: string, use: Usage): void;
	/** Minimum time between two calls, ms; called only when samples arrived. */
	readonly everyMs: number;
	tick(): void;
}

export interface Stats {
	/** Sets the running containers; others are dropped. */
	watch(ids: readonly string[]): void;
	stop(): void;
}

/** Follows the usage of containers. Failures are silent: the figure is then missing, and other monitors report the cause. */
export const startStats = (engine: Engine, { sample, everyMs, tick }: StatsOptions): Stats => {
	const streams = new Map<string, AbortController>();
	const stopped = new AbortController();
	let polled: readonly string[] = [];
	let polling = false;
	let timer: NodeJS.Timeout | undefined;

	const take = (id: string, use: Usage) => {
		sample(id, use);
		timer ??= setTimeout(() => {
			timer = undefined;
			tick();
		}, everyMs);
	};

	const follow = async (id: string, controller: AbortController) => {
		try {
			for await (const use of engine.usage(id, { signal: controller.signal })) {
				take(id, use);
			}
		} catch {
			await pause(retryMs, controller.signal);
		} finally {
			if (streams.get(id) === controller) {
				streams.delete(id);
			}
		}
	};

	const poll = async () => {
		polling = true;
		while (polled.length > 0 && !stopped.signal.aborted) {
			for (const id of polled) {
				const beganAt = performance.now();
				try {
					for await (const use of engine.usage(id, { once: true, signal: stopped.signal })) {
						take(id, use);
					}
				} catch {
					if (stopped.signal.aborted) {
						break;
					}
				}
				await pause(Math.max(0, pollMs - (performance.now() - beganAt)), stopped.signal);
			}
		}
		polling = false;
	};

	const watch = (ids: readonly string[]) => {
		const first = engine.streams() ? ids.slice(0, streamed) : [];
		polled = ids.slice(first.length);
		for (const [id, controller] of streams) {
			if (!first.includes(id)) {
				streams.delete(id);
				controller.abort(new Error('not watched any more'));
			}
		}
		for (const id of first.filter((id) => !streams.has(id))) {
			const controller = new AbortController();
			streams.set(id, controller);
			void follow(id, controller);
		}
		if (!polling && polled.length > 0 && !stopped.signal.aborted) {
			void poll();
		}
	};

	return {
		watch: (ids) => {
			if (!stopped.signal.aborted) {
				watch(ids);
			}
		},
		stop: () => {
			watch([]);
			clearTimeout(timer);
			stopped.abort(new Error('stopped'));
		},
	};
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', done, { once: true });
		if (signal.aborted) {
			done();
		}
	});
