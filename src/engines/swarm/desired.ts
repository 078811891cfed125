import type { DesiredAnswer, DesiredService, DesiredState } from '../../engine/desired.ts';
import { mainOf } from '../../runbook/main-service.ts';
import { imageOf, isJob, serviceName } from './names.ts';
import { wantedTasks } from './nodes.ts';
import type { RawService } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

const healthcheckOf = (service: RawService): DesiredService['healthcheck'] => {
	const [kind] = service.Spec?.TaskTemplate?.ContainerSpec?.Healthcheck?.Test ?? [];
	return kind === undefined ? undefined : kind === 'NONE' ? 'disabled' : 'given';
};

const toDesired = (service: RawService, snapshot: Snapshot, stack: string): DesiredService => {
	const healthcheck = healthcheckOf(service);
	return {
		name: serviceName(service, stack),
		replicas: wantedTasks(service, snapshot),
		restartGiven: service.Spec?.TaskTemplate?.RestartPolicy?.Condition !== undefined,
		...(healthcheck !== undefined && { healthcheck }),
		ports: service.Spec?.EndpointSpec?.Ports ?? [],
	};
};

const desiredOf = (snapshot: Snapshot, stack: string): DesiredState => {
	const services = snapshot.services
		.map((service) => toDesired(service, snapshot, stack))
		.toSorted((a, b) => (a.name < b.name ? -1 : 1));
	const main = mainOf(
		snapshot.services.map((service) => ({
			name: serviceName(service, stack),
			image: imageOf(service.Spec?.TaskTemplate),
			publishes: (service.Spec?.EndpointSpec?.Ports ?? []).length > 0,
			healthCheck: healthcheckOf(service) === 'given',
			isJob: isJob(service),
		})),
		stack,
	);
	return {
		services,
		jobs: snapshot.services.filter(isJob).map((service) => serviceName(service, stack)),
		...(main !== undefined && { main }),
	};
};

/** Returns a function that says what should run; as long as it says the same, it is the same object. */
export const createDesired = (stack: string): ((snapshot: Snapshot) => DesiredAnswer) => {
	let last: { readonly text: string; readonly desired: DesiredState } | undefined;
	return (snapshot) => {
		if (snapshot.services.length === 0) {
			return { project: stack, unreadable: `the swarm has no service of the stack ${stack}` };
		}
		const desired = desiredOf(snapshot, stack);
		const text = JSON.stringify(desired);
		if (last?.text !== text) {
			last = { text, desired };
		}
		return { project: stack, desired: last.desired };
	};
};
