import type { KeptInstance } from '../../engine/kept.ts';
import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run } from '../../runbook/run.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { checkKinds } from '../../services/checks/check-kinds.ts';

/** What was not well before a run, as far as its restore point and the readings that were kept with it say. */
export interface NotWellBefore {
	/** In words: `web was restarting`. Empty where all was well, or nothing is known. */
	readonly words: readonly string[];
	/** Ids of the checks that had failed. */
	readonly checks: readonly string[];
}

/**
 * What was not well before a run. Undo puts back what was there, so that this fails again says nothing of the undo.
 *
 * @param run the run that kept the containers
 * @param definitions of the checks that are made after the undo
 * @param service the one that the run is about: it is there to run, however it was stopped
 */
export const notWellBefore = (
	{ readings }: Pick<Run, 'readings'>,
	containers: readonly KeptInstance[],
	definitions: readonly Pick<CheckDefinition, 'id' | 'kind' | 'title'>[],
	service: string | undefined,
): NotWellBefore => {
	const troubled = containers.flatMap(({ service: name, state, trouble }) => {
		const why = trouble ?? (name === service && state === 'stopped' ? 'was stopped' : undefined);
		return why === undefined ? [] : [`${name} ${why}`];
	});
	const seen = capturedAt(readings, 'before')?.seen ?? [];
	const failed = definitions.flatMap(({ id, kind, title }) => {
		const said = seen.find(({ what, state }) => what === `check ${title}` && state === 'down')?.said;
		const known = checkKinds[kind]?.ofContainers === true && troubled.length > 0;
		// Where the containers say it themselves, the check has no more to say.
		return said === undefined && !known ? [] : [{ id, words: known ? [] : [`${title}: ${said}`] }];
	});
	return {
		words: [...new Set([...troubled, ...failed.flatMap(({ words }) => words)])],
		checks: failed.map(({ id }) => id),
	};
};

/** How many containers of each service ran before the run that a plan undoes; undefined for the plan of anything else. */
export const ranBefore = ({ procedure, environment }: Pick<Plan, 'procedure' | 'environment'>) => {
	const kept = environment.from_containers;
	if (procedure !== 'undo' || kept === undefined) {
		return undefined;
	}
	const counts = new Map<string, number>();
	for (const [service = '', , state] of kept.split('\n').map((line) => line.split('|'))) {
		counts.set(service, (counts.get(service) ?? 0) + (state === 'running' ? 1 : 0));
	}
	return counts;
};

/** Every service that ran: its image, where its containers had one, how many ran, and whether it ran well. */
const servicesThen = (containers: readonly KeptInstance[]): NonNullable<NonNullable<Plan['expects']>['services']> => {
	const running = containers.filter(({ state }) => state === 'running');
	return [...new Set(running.map(({ service }) => service))].sort().map((service) => {
		const all = running.filter((container) => container.service === service);
		const images = new Set(all.map(({ image }) => image));
		const [image] = images;
		return {
			service,
			...(images.size === 1 && image !== undefined && { image }),
			replicas: all.length,
			...(all.some(({ trouble }) => trouble !== undefined) && { unwell: true as const }),
		};
	});
};

/** What must be there after an undo: what was there. Undefined where no container was kept, or it is not said which service counts. */
export const expectsThen = (
	containers: readonly KeptInstance[],
	service: string | undefined,
	commit: string | undefined,
): Plan['expects'] => {
	if (service === undefined || containers.length === 0) {
		return undefined;
	}
	const services = servicesThen(containers);
	const own = services.find((one) => one.service === service);
	return {
		service,
		...(own?.image !== undefined && { image: own.image }),
		...(commit !== undefined && { commit }),
		// What stood still then cannot be expected to run.
		services: own === undefined ? [{ service, replicas: 0 }, ...services] : services,
	};
};
