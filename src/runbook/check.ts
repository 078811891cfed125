import type * as shapes from './shapes/basics.ts';
import type { checkResult, proven, verificationFields } from './shapes/checks.ts';
import type { Fields, Shape } from './shapes/infer.ts';

export type CheckState = Shape<typeof shapes.checkState>;

/** One result of one check, with its evidence. `evidence` is unsanitised. */
export type CheckResult = Shape<typeof checkResult>;

/** The version that the check `version` has proven to be deployed. */
export type Proven = Shape<typeof proven>;

/** The result of all checks together. Passed means that all of them passed at once for `settleSeconds`. */
export type Verification = Fields<typeof verificationFields>;

/** Returns the age of the oldest check result, ms; 0 when there is none yet. */
export const oldestLook = (checks: readonly CheckResult[], now: number): number =>
	Math.max(0, ...checks.filter(({ at }) => at > 0).map(({ at }) => now - at));
