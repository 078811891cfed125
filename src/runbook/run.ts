import type { CheckResult, CheckState } from './check.ts';
import type { Plan } from './plan.ts';

/** `lost`: the supervisor is gone without a result (host rebooted, killed). `unknown`: the host could not be asked. */
export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'lost' | 'unknown';

export interface Who {
	readonly user: string;
	readonly machine: string;
}

export interface StepRun {
	readonly id: string;
	readonly state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'skipped';
	/** ms since the epoch, the host's clock. */
	readonly startedAt?: number;
	readonly endedAt?: number;
	readonly exitCode?: number;
	/** Where its output begins and ends in the run's `out`, bytes. */
	readonly outputFrom?: number;
	readonly outputTo?: number;
}

/** What a verification came to, as it is kept with the run. */
export interface Verdict {
	readonly verdict: CheckState;
	/** ms since the epoch, the clock of the machine that verified. */
	readonly at: number;
	readonly by: Who;
	readonly reason: string;
	readonly checks: readonly CheckResult[];
}

/** One execution of a plan, as its folder on the host tells it. */
export interface Run {
	readonly id: string;
	readonly plan: Plan;
	readonly who: Who;
	readonly reason: string;
	readonly startedAt: number;
	readonly endedAt?: number;
	readonly state: RunState;
	readonly exitCode?: number;
	readonly steps: readonly StepRun[];
	/** Bytes of output on the host. */
	readonly outputBytes: number;
	/** What verification said afterwards; undefined when nobody verified it: steps done, not verified. */
	readonly verified?: Verdict;
	/** Who asked for it to be cancelled; also set when it ended before that took effect. */
	readonly cancelledBy?: Who;
	/** What steps noted for later: `image` (id built), `restore_point`… */
	readonly facts: Readonly<Record<string, string>>;
}

/** One line of the journal, as `runs` lists it. */
export interface RunSummary {
	readonly id: string;
	readonly procedure: string;
	readonly title: string;
	readonly who: Who;
	readonly reason: string;
	readonly startedAt: number;
	readonly endedAt?: number;
	readonly state: RunState;
	readonly verdict?: CheckState;
}

/** Who holds the host-wide lock. */
export interface LockHolder {
	readonly run: string;
	readonly who: Who;
	readonly since: number;
	readonly reason: string;
	readonly procedure: string;
}
