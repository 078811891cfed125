import type { Verification } from '../../runbook/check.ts';
import type { Observation } from '../../runbook/failure-clock.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';
import { createFailedBefore } from '../../services/checks/failed-before.ts';
import { watchChecks } from '../../services/checks/recheck-loop.ts';
import type { Session } from '../fleet/session.ts';
import { checkContext } from '../watching/check-context.ts';
import { checksOf } from '../watching/checks-of.ts';

/** Above this round trip, a missing answer says more about the link than about the service, ms. */
const slowMs = 1000;

export interface GuardObserverOptions {
	/** Interval between two rounds of checks, ms. */
	readonly intervalMs: number;
	/** True: these checks have just passed, so no failure is older than the watch. Default false. */
	readonly wellAtStart?: boolean;
	onVerification(verification: Verification): void;
}

/** All checks of a target together, as the guard judges them: something that cannot be known is never a failure. */
export class GuardObserver {
	readonly #session: Session;
	/** Ids of the checks that ask Docker. */
	readonly #docked: ReadonlySet<string>;
	readonly #failedBefore: ReturnType<typeof createFailedBefore> | undefined;
	/** Since when nothing in progress can make a check pass, ms by this machine's clock. */
	readonly #hopelessSince = new Map<string, number | undefined>();
	readonly #stop: () => void;
	#latest: Verification | undefined;
	/** True when the link was lost since the last observation. */
	#broken = false;

	constructor(session: Session, { intervalMs, wellAtStart = false, onVerification }: GuardObserverOptions) {
		const { host, target } = session;
		const { checks: ids, settleMs } = target.runbook.verification;
		const checks = checksOf(target, ids);
		this.#session = session;
		this.#docked = new Set(checks.filter((check) => checkKindOf(check).neededByGuard).map(({ id }) => id));
		this.#failedBefore = wellAtStart ? undefined : createFailedBefore(checks);
		const watch = watchChecks(
			checkContext(session),
			{ checks, settleMs, intervalMs, onHopeless: (id, since) => this.#hopelessSince.set(id, since) },
			{
				get: () => this.#latest,
				set: (next) => {
					this.#latest = next;
					if (next !== undefined) {
						onVerification(next);
					}
				},
			},
		);
		const unsubscribe = host.link.subscribe(() => {
			this.#broken ||= host.link.get().status !== 'up';
		});
		this.#stop = () => {
			unsubscribe();
			watch.stop();
		};
	}

	/** The latest results of the checks. */
	get latest(): Verification | undefined {
		return this.#latest;
	}

	get isBroken(): boolean {
		return this.#broken;
	}

	observe(): Observation & { readonly reason: string } {
		const at = performance.now();
		const why = this.#whyUnknown();
		const latest = this.#latest;
		if (why !== undefined || latest === undefined) {
			return { state: 'unknown', settled: false, at, reason: why ?? 'not checked yet' };
		}
		const before = this.#failedBefore?.look(latest.checks, (id) => this.#brokeBefore(id)) ?? new Set<string>();
		const wrong = latest.checks.filter(({ state }) => state === 'failed');
		const failed = wrong.some(({ id }) => !before.has(id));
		if (wrong.length > 0 && !failed) {
			const which = wrong.map(({ title, reason }) => `${title}: ${reason}`).join('; ');
			const reason = `already failed when guard started, so it does not count on its own: ${which}`;
			return { state: 'unknown', settled: false, at, reason };
		}
		const passed = latest.checks.every(({ state }) => state === 'passed');
		return {
			state: failed ? 'failed' : passed ? 'passed' : 'unknown',
			settled: latest.verdict === 'passed',
			at,
			reason: latest.reason,
		};
	}

	stop(): void {
		this.#stop();
	}

	/** True when a check's failure began before the newest container was created, and so before the current deployment. */
	#brokeBefore(id: string): boolean {
		const since = this.#hopelessSince.get(id);
		const made = this.#session.instances.get().instances.map(({ createdAt }) => createdAt);
		return since !== undefined && made.length > 0 && since < this.#session.engine.clock.toLocal(Math.max(...made));
	}

	/** Returns the reason why the checks prove nothing at this moment; undefined when they do. */
	#whyUnknown(): string | undefined {
		const { status, reason, rttMs = 0 } = this.#session.host.link.get();
		const wasBroken = this.#broken;
		this.#broken = status !== 'up';
		if (status !== 'up') {
			return `the link is ${status}${reason ? `: ${reason}` : ''}`;
		}
		if (wasBroken) {
			return 'the link was lost a moment ago';
		}
		if (rttMs > slowMs) {
			return `the host is slow: a round trip takes ${Math.round(rttMs)} ms`;
		}
		const blind = this.#latest?.checks.find(({ id, state }) => this.#docked.has(id) && state === 'unknown');
		return blind && `${blind.title}: ${blind.reason}`;
	}
}
