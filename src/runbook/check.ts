export type CheckState = 'passed' | 'failed' | 'unknown';

/** One look at one check, with what it rests on. */
export interface CheckResult {
	readonly id: string;
	readonly title: string;
	readonly state: CheckState;
	/** A short sentence: why it passed, failed or is not known. */
	readonly reason: string;
	/** What was asked, as an operator could ask it himself. */
	readonly asked: string;
	/** What came, shortened; unsanitised. */
	readonly evidence: string;
	/** When it came, ms since the epoch, this machine's clock; 0 when it was not looked at yet. */
	readonly at: number;
	/** Since when it has been passing without a break, ms since the epoch; from the host's own records where they reach back further. */
	readonly passingSince?: number;
}

/** What the check `version` has proven to be deployed. */
export interface Proven {
	/** The commit: at least one image is of it, and no service runs anything that the plan does not say. */
	readonly commit?: string;
	readonly images: readonly {
		readonly service: string;
		/** Full id. */
		readonly image: string;
		/** It is proven to be of the commit; otherwise only to be the image that the plan names. */
		readonly ofCommit: boolean;
	}[];
}

/** How long ago, ms, the one was looked at that was looked at longest ago; 0 when none was yet. */
export const oldestLook = (checks: readonly CheckResult[], now: number): number =>
	Math.max(0, ...checks.filter(({ at }) => at > 0).map(({ at }) => now - at));

/** All checks together. Passed means that all have held at once for `settleSeconds`. */
export interface Verification {
	readonly verdict: CheckState;
	/** True once the verdict is final; before that it may still change. */
	readonly final: boolean;
	readonly checks: readonly CheckResult[];
	readonly startedAt: number;
	readonly settleSeconds: number;
	/** Since when all hold at once; undefined while one does not. */
	readonly holdingSince?: number;
	readonly deadlineAt?: number;
	/** It rests on one look at each check: nothing was watched, and passed means that it passed at that moment. */
	readonly oneLook?: true;
	/** Final, where a plan says what must run: what is proven to be there, whether it is well or not. */
	readonly proven?: Proven;
	readonly reason: string;
}
