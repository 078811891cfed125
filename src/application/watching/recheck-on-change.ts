import { settledValue } from '../../runbook/reading.ts';
import type { ReadingStores } from '../../stores/readings.ts';
import { createThrottle } from '../../stores/throttle.ts';

/** Between two calls, ms: a project that starts as a whole changes many times a second. */
const atMostEveryMs = 1000;

/**
 * Calls `look` when a container or an endpoint has changed in a way that the checks see: so that one panel does not go on
 * saying passed beside another that says refused. Figures such as CPU and latency are no such change.
 *
 * @returns a function that ends it
 */
export const recheckOnChange = (
	{ containers, health }: Pick<ReadingStores, 'containers' | 'health'>,
	look: () => void,
): (() => void) => {
	/** What was read of each; what was not read yet says nothing. */
	const standing = (): ReadonlyMap<string, string> => {
		const read = new Map<string, string>(
			health.filter(({ reading }) => reading.get().at > 0).map(({ name, reading }) => [name, reading.get().state]),
		);
		const value = settledValue(containers.get());
		return value === undefined
			? read
			: read.set('', value.map(({ id, status, health, restarts }) => [id, status, health, restarts]).join('\n'));
	};
	let before = standing();
	const throttle = createThrottle(look, atMostEveryMs);
	const compare = () => {
		const now = standing();
		const news = [...now].some(([what, said]) => (before.get(what) ?? said) !== said);
		before = new Map([...before, ...now]);
		if (news) {
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
