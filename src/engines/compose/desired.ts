import type { DesiredAnswer, DesiredState } from '../../engine/desired.ts';
import { mainOf } from '../../runbook/main-service.ts';
import { type ComposeModel, jobsOf } from './model.ts';
import type { ModelAnswer } from './read-model.ts';

const states = new WeakMap<ComposeModel, DesiredState>();

const desiredStateOf = (model: ComposeModel): DesiredState => {
	const jobs = jobsOf(model);
	const main = mainOf(
		model.services.map(({ name, image, build, ports, healthcheck, dependsOn }) => ({
			name,
			image,
			built: build !== undefined,
			publishes: ports.some(({ published }) => published !== undefined),
			healthCheck: healthcheck === 'given',
			dependsOn: dependsOn.map(({ service }) => service),
			isJob: jobs.has(name),
		})),
		model.project,
	);
	return { services: model.services, jobs: [...jobs], ...(main !== undefined && { main }) };
};

/** Returns what should run according to Compose's model; the same object for the same model. */
export const desiredOf = (model: ComposeModel): DesiredState => {
	const state = states.get(model) ?? desiredStateOf(model);
	states.set(model, state);
	return state;
};

export const desiredAnswer = ({ model, deployment, unreadable }: ModelAnswer): DesiredAnswer => ({
	...(deployment !== undefined && { project: deployment.project, isManaged: deployment.hasFolder === false }),
	...(model === undefined ? { unreadable: unreadable ?? '' } : { desired: desiredOf(model) }),
});
