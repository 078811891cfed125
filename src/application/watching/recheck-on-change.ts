import { touches } from '../../services/instances/instance-change.ts';
import type { InstanceModel } from '../../services/instances/instance-model.ts';
import type { ReadingStores } from '../../stores/readings.ts';
import { createThrottle } from '../../stores/throttle.ts';

/** Minimum interval between two calls, ms: a starting project changes many times a second. */
const atMostEveryMs = 1000;

/**
 * Calls `look` when an instance or an endpoint has changed in a way that affects checks: so that no panel shows passed beside another that
 * shows refused. Figures such as CPU and latency do not count.
 *
 * @returns a function that ends it
 */
export const recheckOnChange = (
	instances: Pick<InstanceModel, 'subscribe'>,
	health: ReadingStores['health'],
	look: () => void,
): (() => void) => {
	const throttle = createThrottle(look, atMostEveryMs);
	const subscriptions = [
		instances.subscribe({
			changed: (change) => {
				if (touches(change, ['status', 'health', 'restarts'])) {
					throttle.request();
				}
			},
		}),
		...health.map(({ reading }) => {
			// A value that was not read yet says nothing.
			let before = reading.get().at > 0 ? reading.get().state : undefined;
			return reading.subscribe(() => {
				const { at, state } = reading.get();
				const isNews = before !== undefined && at > 0 && state !== before;
				before = at > 0 ? state : before;
				if (isNews) {
					throttle.request();
				}
			});
		}),
	];
	return () => {
		throttle.cancel();
		for (const unsubscribe of subscriptions) {
			unsubscribe();
		}
	};
};
