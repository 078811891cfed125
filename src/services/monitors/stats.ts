import type { Engine } from '../../engine/engine.ts';
import type { Usage } from '../../engine/instance.ts';
import { sleep } from '../host/sleep.ts';

/** Number of containers with a stream of statistics, where they are read each for itself; the others are polled in turn, because a sample takes the daemon one to two seconds. */
const streamed = 10;
/** Interval between the starts of two samples of the others, ms. */
const pollMs = 2000;
const retryMs = 5000;
/** Time after which all are read together again where that was not possible, ms. */
const retryTogetherMs = 300_000;

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

/** Reads containers each for itself: some by a stream, the others in turn. */
const readEach = (engine: Engine, take: (id: string, use: Usage) => void, stopped: AbortSignal) => {
	const streams = new Map<string, AbortController>();
	let polled: readonly string[] = [];
	let polling = false;

	const follow = async (id: string, controller: AbortController) => {
		try {
			for await (const use of engine.usage(id, { signal: controller.signal })) {
				take(id, use);
			}
		} catch {
			await sleep(retryMs, controller.signal);
		} finally {
			if (streams.get(id) === controller) {
				streams.delete(id);
			}
		}
	};

	const poll = async () => {
		polling = true;
		while (polled.length > 0 && !stopped.aborted) {
			for (const id of polled) {
				const beganAt = performance.now();
				try {
					for await (const use of engine.usage(id, { once: true, signal: stopped })) {
						take(id, use);
					}
				} catch {
					if (stopped.aborted) {
						break;
					}
				}
				await sleep(Math.max(0, pollMs - (performance.now() - beganAt)), stopped);
			}
		}
		polling = false;
	};

	return (ids: readonly string[]) => {
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
		if (!polling && polled.length > 0 && !stopped.aborted) {
			void poll();
		}
	};
};

/**
 * Follows the usage of containers: of all together where the engine can, of each otherwise. Failures are silent: the figure is then
 * missing, and other monitors report the cause.
 */
export const startStats = (engine: Engine, { sample, everyMs, tick }: StatsOptions): Stats => {
	const stopped = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const each = readEach(
		engine,
		(id, use) => {
			sample(id, use);
			timer ??= setTimeout(() => {
				timer = undefined;
				tick();
			}, everyMs);
		},
		stopped.signal,
	);
	let watched: readonly string[] = [];
	let together: AbortController | undefined;
	/** True while they cannot be read together. */
	let isEach = false;

	/**
	 * Reads all together until that ends. Containers that cannot be read twice are read each for itself.
	 *
	 * @returns true if a sample came
	 */
	const readTogether = async ({ signal }: AbortController): Promise<boolean> => {
		let came = false;
		/** Number of times that a container could not be read, by id. */
		const missed = new Map<string, number>();
		try {
			for await (const uses of engine.usageOfAll(() => watched, { signal })) {
				for (const [id, use] of uses) {
					if (use === undefined) {
						missed.set(id, (missed.get(id) ?? 0) + 1);
					} else {
						missed.delete(id);
						sample(id, use);
					}
				}
				each(watched.filter((id) => (missed.get(id) ?? 0) > 1));
				came = true;
				tick();
			}
		} catch {
			// The same as its end.
		}
		return came;
	};

	const start = async (controller: AbortController) => {
		while (!controller.signal.aborted) {
			isEach = false;
			const came = await readTogether(controller);
			if (!controller.signal.aborted) {
				isEach = true;
				each(watched);
				// A session may have been given up for others, or the script ended by somebody.
				await sleep(came ? retryMs : retryTogetherMs, controller.signal);
			}
		}
	};

	const watch = (ids: readonly string[]) => {
		watched = ids;
		if (ids.length === 0) {
			together?.abort(new Error('not watched any more'));
			together = undefined;
			each([]);
		} else if (together === undefined) {
			together = new AbortController();
			void start(together);
		} else if (isEach) {
			each(ids);
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
