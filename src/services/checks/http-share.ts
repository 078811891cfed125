import type { CheckTools } from './check-kind.ts';
import type { CheckFunction, Outcome } from './outcome.ts';

/** One request of the check: its time, ms since the epoch, and why it failed, if it did. */
interface Request {
	readonly at: number;
	readonly why?: string;
}

/** The part of requests that must succeed. */
export interface Share {
	/** Percent. */
	readonly successes: number;
	/** The number of requests without which nothing is decided. */
	readonly requests: number;
	/** Older requests do not count, ms. */
	readonly overMs: number;
}

/** Requests that are made at the same time. */
const atOnce = 4;

const percent = (part: number, whole: number): string => `${Number(((100 * part) / whole).toPrecision(3))} %`;

/** Lists the reasons with their number, the most frequent first. */
const countedReasons = (failed: readonly Request[]): string => {
	const counts = new Map<string, number>();
	for (const { why = '' } of failed) {
		counts.set(why, (counts.get(why) ?? 0) + 1);
	}
	return [...counts]
		.toSorted(([, a], [, b]) => b - a)
		.map(([why, count]) => `${count} × ${why}`)
		.join('; ');
};

/** Judges the requests: undecided while there are too few, unless the outstanding ones cannot change the result. */
export const judgeShare = (
	requests: readonly Request[],
	{ successes, requests: needed, overMs }: Share,
): Pick<Outcome, 'state' | 'reason' | 'evidence' | 'inconclusive'> => {
	const failed = requests.filter(({ why }) => why !== undefined);
	const evidence = countedReasons(failed);
	const worst = evidence.split('; ')[0] ?? '';
	const of = Math.max(needed, requests.length);
	// The outstanding requests may all succeed.
	const best = (100 * (of - failed.length)) / of;
	if (best < successes) {
		const said =
			requests.length < needed
				? `${failed.length} of ${requests.length} requests failed`
				: `${percent(requests.length - failed.length, requests.length)} of ${requests.length} requests succeeded`;
		return { state: 'failed', reason: `${said}, ${successes} % must succeed: ${worst}`, evidence };
	}
	if (requests.length < needed) {
		const reason = `inconclusive: ${requests.length} of ${needed} requests in ${overMs / 1000} s`;
		return { state: 'unknown', inconclusive: 'too-little', reason, evidence };
	}
	const said = `${percent(requests.length - failed.length, requests.length)} of ${requests.length} requests succeeded`;
	return { state: 'passed', reason: failed.length === 0 ? said : `${said}; ${worst}`, evidence };
};

/**
 * Makes requests until there are enough of them in the last while, at least one each time, and judges the share that succeeded. Requests
 * from before the newest start of a container do not count: they met another process.
 *
 * @param checkOne makes one request and judges it; rejects when nothing is known about the endpoint
 */
export const checkShare = (
	share: Share,
	checkOne: CheckFunction,
	snapshots: Pick<CheckTools['snapshots'], 'take' | 'newestStart'>,
): CheckFunction => {
	let requests: readonly Request[] = [];
	const allowed = Math.floor((share.requests * (100 - share.successes)) / 100);

	return async (signal) => {
		await snapshots.take(signal).catch(() => undefined);
		const from = Math.max(Date.now() - share.overMs, snapshots.newestStart() ?? 0);
		requests = requests.filter(({ at }) => at >= from);
		let asked = '';
		for (let left = Math.max(1, share.requests - requests.length); left > 0; ) {
			const batch = await Promise.all(
				Array.from({ length: Math.min(left, atOnce) }, async (): Promise<Request> => {
					const at = Date.now();
					const outcome = await checkOne(signal);
					asked = outcome.asked;
					return outcome.state === 'passed' ? { at } : { at, why: outcome.reason };
				}),
			);
			requests = [...requests, ...batch];
			left -= batch.length;
			// Further requests would only delay the bad news.
			if (requests.filter(({ why }) => why !== undefined).length > allowed) {
				break;
			}
		}
		return { ...judgeShare(requests, share), asked: `${asked}, ${share.requests} times` };
	};
};
