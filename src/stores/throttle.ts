export interface Throttle {
	/** Requests a call: at once if the last one is long enough ago, else when the time is up. */
	request(): void;
	/** Drops a pending call. */
	cancel(): void;
}

/**
 * Calls `run` at most once in `ms` milliseconds, at the first request and, if more came meanwhile, once more when the time is up: the last
 * request is never lost. A steady throttle, not a debounce: requests do not postpone it.
 */
export const createThrottle = (run: () => void, ms: number): Throttle => {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let asked = false;
	const arm = () => {
		timer = setTimeout(() => {
			timer = undefined;
			if (asked) {
				asked = false;
				arm();
				run();
			}
		}, ms);
	};
	return {
		request: () => {
			if (timer) {
				asked = true;
				return;
			}
			arm();
			run();
		},
		cancel: () => {
			clearTimeout(timer);
			timer = undefined;
			asked = false;
		},
	};
};
