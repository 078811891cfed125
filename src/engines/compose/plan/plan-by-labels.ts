import type { DeploymentPlan } from '../../../engine/deployment.ts';
import type { PlanChange } from '../../../runbook/plan.ts';
import type { ContainerFacts } from '../container-facts.ts';
import { valuesOf } from '../settings.ts';
import { isHeld, stoppedByHand } from '../stopped.ts';
import { anonymousVolumes, carriedOverNote } from './carried-over.ts';
import type { Change } from './plan-changes.ts';

/** Lists the services whose network, processes or memory a service uses. */
const usedBy = (own: readonly ContainerFacts[]): readonly string[] =>
	own.flatMap((facts) =>
		[
			valuesOf(facts, 'network mode').get(''),
			...['IpcMode', 'PidMode'].map((name) => valuesOf(facts, 'setting').get(name)),
		].flatMap((mode) => (mode?.startsWith('service:') ? [mode.slice('service:'.length)] : [])),
	);

/**
 * Gives the reasons for recreating each service: its image changes, or it uses the network of one that is recreated. A service comes after
 * those that it uses.
 */
const reasonsOf = (
	containers: readonly ContainerFacts[],
	image: { readonly from: string; readonly why: string },
): ReadonlyMap<string, string> => {
	const services = [...new Set(containers.map(({ service }) => service))].sort();
	const containersOf = (service: string) => containers.filter((facts) => facts.service === service);
	const asked = services.filter((service) => containersOf(service).some(({ imageName }) => imageName === image.from));
	const reasons = new Map<string, string>();
	for (let left = services; ; ) {
		const next = left.find((service) => {
			const used = usedBy(containersOf(service)).filter((other) => other !== service);
			const isTouched = asked.includes(service) || used.some((other) => reasons.has(other));
			return isTouched && !used.some((other) => left.includes(other) && (asked.includes(other) || other === service));
		});
		if (next === undefined) {
			return reasons;
		}
		const used = usedBy(containersOf(next)).find((other) => reasons.has(other));
		reasons.set(next, asked.includes(next) ? image.why : `it uses the network or processes of ${used}`);
		left = left.filter((service) => service !== next);
	}
};

const lines = (list: readonly string[]): string => list.join('\n');

/**
 * Returns the plan for another image where there are no Compose files, only the containers and their labels: each container of that
 * image is made again by the engine, with the settings that it has (recreate.sh).
 */
export const planByLabels = (change: Change): DeploymentPlan => {
	const { procedure, wanted, facts, grounded } = change;
	const { containers } = facts.compared;
	const containersOf = (service: string) => containers.filter((one) => one.service === service);
	const refused = (id: string, title: string, detail: string): DeploymentPlan => ({
		...grounded,
		preconditions: [...grounded.preconditions, { id, title, state: 'failed', detail }],
	});
	const main = procedure.expects?.service ?? change.mainService ?? '';
	const from = containersOf(main)[0]?.imageName;
	const services = [...new Set(containers.map(({ service }) => service))].sort();
	if (from === undefined) {
		const detail = `it has no container (there are containers of: ${services.join(', ') || 'none'}). Set variables.service of this target to one of these`;
		return refused('service', `The service ${main} has a container`, detail);
	}
	const name = wanted.becomes.kind === 'version' ? wanted.becomes.image : from;
	const why = wanted.image === undefined ? `image ${from} becomes ${name}` : `${name} becomes another image`;
	const reasons = reasonsOf(containers, { from, why });
	const held = services.filter((service) => reasons.has(service) && containersOf(service).some(isHeld));
	if (held.length > 0) {
		const detail = `${held.join(', ')}: stopped by a procedure, and held; start everything again first (start-everything)`;
		return refused('held', 'Its containers can be started', detail);
	}
	const staysStopped = (service: string) =>
		service !== main &&
		containersOf(service).every(
			(one) => stoppedByHand(one, containers) || (!one.running && one.neverStarted === undefined),
		);
	const changes = services.map((service): PlanChange => {
		const reason = reasons.get(service);
		return {
			service,
			action: reason === undefined ? 'keep' : 'recreate',
			...(reason !== undefined && containersOf(service).some(({ running }) => running) && { interrupted: true }),
			...(staysStopped(service) && { staysStopped: true }),
			why: reason === undefined ? [] : [reason],
		};
	});
	const recreated = [...reasons.keys()];
	const imageOf = (service: string) =>
		containersOf(service).some(({ imageName }) => imageName === from)
			? name
			: (containersOf(service)[0]?.imageName ?? '');
	return {
		...grounded,
		environment: {
			...grounded.environment,
			main_service: main,
			plan_images: lines(recreated.map((service) => `${service}\t${imageOf(service)}`)),
			plan_start: lines(recreated.filter((service) => !staysStopped(service))),
			plan_create: lines(recreated.filter(staysStopped)),
			plan_keep: lines(services.filter((service) => !reasons.has(service))),
		},
		changes,
		interrupts: changes.filter(({ interrupted }) => interrupted === true).map(({ service }) => service),
		services: services
			.filter((service) => !staysStopped(service))
			.map((service) => {
				const own = containersOf(service);
				return {
					service,
					...(!reasons.has(service) && own[0] !== undefined && { image: own[0].image }),
					replicas: own.length,
				};
			}),
		notes: [
			...grounded.notes,
			'The engine makes the containers again with the settings that they have, without Compose. The old ones stay until the new ones run, and come back if these do not.',
			...recreated
				.filter((service) => imageOf(service) === name)
				.flatMap((service) => carriedOverNote(service, containersOf(service).flatMap(anonymousVolumes))),
			...changes
				.filter(({ action, staysStopped: stays }) => action === 'recreate' && stays === true)
				.map(({ service }) => `${service} is stopped; it is recreated and stays stopped.`),
		],
	};
};
