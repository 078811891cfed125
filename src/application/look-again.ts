import type { ReadingStores } from '../stores/readings.ts';
import { createThrottle } from '../stores/throttle.ts';

/** Between two calls, ms: a project that starts as a whole changes many times a second. */
const atMostEveryMs = 1000;

/**
 * Calls `look` when a container or an endpoint has changed in a way that the checks see: so that one panel does not go on
 * saying passed beside another that says refused. Figures such as CPU and latency are no such change.
 *
 * @returns a function that ends it
 */
export const lookAgainOnChange = (
	{ containers, health }: Pick<ReadingStores, 'containers' | 'health'>,
	look: () => void,
): (() => void) => {
	const standing = (): string =>
		[
			...(containers.get().value ?? []).map(({ id, status, health, restarts }) => [id, status, health, restarts]),
			...health.map(({ name, reading }) => [name, reading.get().state]),
		].join('\n');
	let before = standing();
	const throttle = createThrottle(look, atMostEveryMs);
	const compare = () => {
		const now = standing();
		if (now !== before) {
			before = now;
			throttle.request();
		}
	};
	const subscriptions = [containers, ...health.map(({ reading }) => reading)].map((store) => store.subscribe(compare));
	return () => {
		throttle.cancel();
		for (const unsubscribe of subscriptions) {
			unsubscribe();
		}
	};
};
