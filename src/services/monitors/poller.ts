import { notReadYet } from '../../runbook/reading.ts';
import type { Host } from '../host/host.ts';
import { describeFailure } from '../host/network-errors.ts';
import { linkBecomes, linkIsMade, linkLost, linkTrouble } from './link-gate.ts';
import { nextPollAt } from './next-poll.ts';
import { waitForTurn } from './poll-queue.ts';
import { type Interval, msOf } from './poll-rate.ts';

export interface Monitor {
	/** Polls again at once. */
	refresh(): void;
	stop(): void;
}

export interface PollerOptions {
	readonly host: Host;
	/**
	 * Time from the start of one poll to the start of the next, counted from the host's first poll: polls of a host fall on the same
	 * moments, so their requests and results come together. A poll never starts before the last one has ended.
	 */
	readonly intervalMs: Interval;
	/** One poll, or one stream until it ends. Its signal is aborted when the link is lost or the monitor stopped. */
	poll(signal: AbortSignal): Promise<void>;
	/** Called with the reason when the link is not up, or the poll failed. */
	failed(reason: string): void;
}

/** Start of a host's first poll, by `performance.now()`. */
const firstPolls = new WeakMap<Host, number>();

/**
 * Polls while the link is up; waits while it is not, and polls at once when it is back. Never throws: a monitor that fails reports why and
 * does not affect others.
 */
export const startPoller = ({ host, intervalMs, poll: look, failed: tell }: PollerOptions): Monitor => {
	const stopped = new AbortController();
	/** True when the last report blamed the link: out of date once the link is up, while the first poll is still running. */
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
				// While it is being made for the first time the screen shows "not read yet".
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
