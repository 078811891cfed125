import type { DesiredAnswer, DesiredState } from '../../engine/desired.ts';
import { type ComposeModel, jobsOf } from './model.ts';
import type { ModelAnswer } from './read-model.ts';

const states = new WeakMap<ComposeModel, DesiredState>();

/** What should run by Compose's model; the same object for the same model. */
export const desiredOf = (model: ComposeModel): DesiredState => {
	const state = states.get(model) ?? { services: model.services, jobs: [...jobsOf(model)] };
	states.set(model, state);
	return state;
};

export const desiredAnswer = ({ model, deployment, unreadable }: ModelAnswer): DesiredAnswer => ({
	...(deployment !== undefined && { project: deployment.project, isManaged: deployment.hasFolder === false }),
	...(model === undefined ? { unreadable: unreadable ?? '' } : { desired: desiredOf(model) }),
});
