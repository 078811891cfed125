import type { Plan } from '../../runbook/plan.ts';
import type { Target } from '../../runbook/runbook.ts';
import { withExpectations } from '../../runbook/step-durations.ts';
import type { Host } from '../../services/host/host.ts';
import { stepHistory } from '../../services/runner/runner.ts';

/** Adds the steps' durations in earlier runs on the host. If they cannot be read, the plan goes without. */
export const estimateSteps = async (
	host: Host,
	target: Target,
	making: Promise<Plan>,
	procedure: string,
	signal?: AbortSignal,
): Promise<Plan> => {
	const [plan, past] = await Promise.all([
		making,
		stepHistory(host, target, procedure, signal).catch(() => new Map<string, readonly number[]>()),
	]);
	return withExpectations(plan, past);
};
