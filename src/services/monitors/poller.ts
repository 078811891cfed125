import { notReadYet } from '../../runbook/reading.ts';
import type { Host } from '../host/host.ts';
import { describeFailure } from '../host/network-errors.ts';
import { linkBecomes, linkIsMade, linkLost, linkTrouble } from './link-gate.ts';
import { nextPollAt } from './next-poll.ts';
import { waitForTurn } from './poll-queue.ts';
import { type Interval, msOf } from './poll-rate.ts';

export interface Monitor {
	/** Looks again at once. */
	refresh(): void;
	stop(): void;
}

export interface PollerOptions {
	readonly host: Host;
	/**
	 * From the beginning of one look to the beginning of the next, counted from when the host was first looked at: looks at a host
	 * fall on the same moments, and what they ask for and show comes together. A look is never begun before the last one ended.
	 */
	readonly intervalMs: Interval;
	/** One look, or one stream until it ends. Its signal is aborted when the link is lost or the monitor stopped. */
	poll(signal: AbortSignal): Promise<void>;
	/** The link is not up, or the look failed: why. */
	failed(reason: string): void;
}

/** When a host was first looked at, by `performance.now()`. */
const firstPolls = new WeakMap<Host, number>();

/**
 * Looks again and again while the link is up; waits while it is not, and looks at once when it is back. Never throws: a
 * monitor that fails says why and harms no other.
 */
export const startPoller = ({ host, intervalMs, poll: look, failed: tell }: PollerOptions): Monitor => {
	const stopped = new AbortController();
	/** The last word was on the link: no longer true once it is up, while the first look goes on. */
	let blamedLink = false;
	const failed = (reason: string) => {
		if (!stopped.signal.aborted) {
			blamedLink = linkTrouble(host.link) !== undefined;
			tell(reason);
		}
	};
	let kick: (() => void) | undefined;
	let kicked = false;

	const pause = (ms: number): Promise<void> =>
		new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				unsubscribe();
				stopped.signal.removeEventListener('abort', done);
				kick = undefined;
				resolve();
			};
			const timer = setTimeout(done, ms);
			const unsubscribe = host.link.subscribe(() => {
				if (linkTrouble(host.link) !== undefined) {
					done();
				}
			});
			stopped.signal.addEventListener('abort', done, { once: true });
			kick = done;
			if (kicked || stopped.signal.aborted) {
				done();
			}
		});

	const once = async () => {
		const looking = new AbortController();
		const leave = () => looking.abort(stopped.signal.reason);
		stopped.signal.addEventListener('abort', leave, { once: true });
		const unsubscribe = host.link.subscribe(() => {
			const trouble = linkTrouble(host.link);
			if (trouble === undefined) {
				return;
			}
			failed(trouble);
			if (linkLost(host.link)) {
				looking.abort(new Error(trouble));
			}
		});
		try {
			await look(looking.signal);
		} catch (error) {
			failed(linkTrouble(host.link) ?? describeFailure(error));
		} finally {
			unsubscribe();
			stopped.signal.removeEventListener('abort', leave);
		}
	};

	const run = async () => {
		for (;;) {
			await waitForTurn(host);
			if (stopped.signal.aborted) {
				return;
			}
			const trouble = linkTrouble(host.link);
			if (trouble !== undefined) {
				// While it is made for the first time nothing was read yet, which is what is shown.
				if (!linkIsMade(host.link)) {
					failed(trouble);
				}
				const before = host.link.get();
				await linkBecomes(host.link, () => host.link.get() !== before, stopped.signal);
				continue;
			}
			kicked = false;
			if (blamedLink) {
				failed(notReadYet);
			}
			const beganAt = performance.now();
			const first = firstPolls.get(host) ?? beganAt;
			firstPolls.set(host, first);
			await once();
			if (!stopped.signal.aborted) {
				await pause(Math.max(0, nextPollAt(first, beganAt, msOf(intervalMs)) - performance.now()));
			}
		}
	};

	void run();
	return {
		refresh: () => {
			kicked = true;
			kick?.();
		},
		stop: () => stopped.abort(new Error('the monitor was stopped')),
	};
};
