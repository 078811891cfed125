import type { Plan } from '../../runbook/plan.ts';
import { readSettling, settlingTime } from '../../services/checks/crash-period.ts';
import type { Session } from '../fleet/session.ts';
import { makePlan } from './make-plan.ts';

export interface PlanForOptions {
	/** Losses that the operator has allowed by name: `SERVICE:ASPECT:NAME`. */
	readonly allowed?: readonly string[];
	/** False: leaves the previews out. */
	readonly previews?: boolean;
	readonly signal?: AbortSignal;
}

/**
 * Like `makePlan`; in addition, its checks must pass for longer than a service was seen to take to crash, since by the time of the checks
 * the crashed container is gone. Throws what `makePlan` throws; if Docker cannot tell of crashes, the plan goes without.
 */
export const planFor = async (
	session: Session,
	procedure: string,
	inputs: Readonly<Record<string, string>>,
	{ allowed, previews, signal }: PlanForOptions = {},
): Promise<Plan> => {
	const [plan, seen] = await Promise.all([
		makePlan(session, procedure, inputs, { signal, allowed, previews }),
		readSettling(session, signal).catch(() => {
			signal?.throwIfAborted();
			return undefined;
		}),
	]);
	if (seen === undefined || plan.verification.checks.length === 0) {
		return plan;
	}
	const { settleSeconds, deadlineSeconds } = plan.verification;
	const { seconds, why } = settlingTime(settleSeconds, seen);
	return {
		...plan,
		verification: {
			...plan.verification,
			settleSeconds: seconds,
			deadlineSeconds: deadlineSeconds + seconds - settleSeconds,
		},
		notes: why === undefined ? plan.notes : [...plan.notes, why],
	};
};
