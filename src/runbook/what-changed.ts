import { changeInWords } from './plan-changes.ts';
import type { Run } from './run.ts';

/** A run's changes to the deployment. */
export interface Changed {
	/** `web recreated`, one for each service. */
	readonly services: readonly string[];
	readonly commit?: { readonly from: string; readonly to: string };
}

/** Returns a run's changes, from its plan and its facts; nothing if not all steps were done: then the steps tell the story. */
export const whatChanged = ({ plan, state, facts }: Pick<Run, 'plan' | 'state' | 'facts'>): Changed => {
	if (state !== 'succeeded') {
		return { services: [] };
	}
	const services = (plan.changes ?? [])
		.filter(({ action }) => action !== 'keep')
		.map((change) => `${change.service} ${changeInWords(change).what}`);
	const to = plan.expects?.commit;
	const from = facts.commit;
	return { services, ...(to !== undefined && from !== undefined && from !== to && { commit: { from, to } }) };
};
