import { changeInWords } from './plan-changes.ts';
import type { Run } from './run.ts';

/** What a run has changed of the deployment. */
export interface Changed {
	/** `web recreated`, one for each service. */
	readonly services: readonly string[];
	readonly commit?: { readonly from: string; readonly to: string };
}

/** What a run has changed, by its plan and what it noted; nothing of one whose steps are not all done: its steps tell. */
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
