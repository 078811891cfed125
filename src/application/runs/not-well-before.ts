import type { KeptInstance } from '../../engine/kept.ts';
import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run } from '../../runbook/run.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { checkKinds } from '../../services/checks/check-kinds.ts';

/** Problems that existed before a run, according to its restore point and the readings saved with it. */
export interface NotWellBefore {
	/** Descriptions: `web was restarting`. Empty if all was well, or nothing is known. */
	readonly words: readonly string[];
	/** Ids of the checks that had failed. */
	readonly checks: readonly string[];
}

/**
 * Finds problems that existed before a run. Undo restores the earlier state, so it is not the undo's fault if they recur.
 *
 * @param run the run that saved the containers
 * @param definitions of the checks after the undo
 * @param service the service that the run is about: it is meant to run, however it was stopped
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
		// The containers themselves show the problem, so the check adds nothing.
		return said === undefined && !known ? [] : [{ id, words: known ? [] : [`${title}: ${said}`] }];
	});
	return {
		words: [...new Set([...troubled, ...failed.flatMap(({ words }) => words)])],
		checks: failed.map(({ id }) => id),
	};
};

/** Returns how many containers of each service ran before the run that a plan undoes; undefined for other plans. */
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

/** Lists every service that ran: its image, if its containers had only one, the number of containers, and whether it ran well. */
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
			...(all.some(({ trouble }) => trouble !== undefined) ? { unwell: true as const } : { ran: true as const }),
		};
	});
};

/**
 * Returns what must be there after an undo: what was there before. Undefined if no containers were saved, or the main service is unknown.
 */
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
		// A service that was stopped before cannot be expected to run.
		services: own === undefined ? [{ service, replicas: 0 }, ...services] : services,
	};
};
