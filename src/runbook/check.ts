import type * as shapes from './shapes/basics.ts';
import type { checkResult, proven, verificationFields } from './shapes/checks.ts';
import type { Fields, Shape } from './shapes/infer.ts';

export type CheckState = Shape<typeof shapes.checkState>;

/** One look at one check, with what it rests on. `evidence` is unsanitised. */
export type CheckResult = Shape<typeof checkResult>;

/** What the check `version` has proven to be deployed. */
export type Proven = Shape<typeof proven>;

/** All checks together. Passed means that all have held at once for `settleSeconds`. */
export type Verification = Fields<typeof verificationFields>;

/** How long ago, ms, the one was looked at that was looked at longest ago; 0 when none was yet. */
export const oldestLook = (checks: readonly CheckResult[], now: number): number =>
	Math.max(0, ...checks.filter(({ at }) => at > 0).map(({ at }) => now - at));
