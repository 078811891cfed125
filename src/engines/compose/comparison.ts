import type { Compared, Loss } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import { dependencesOf } from './dependencies.ts';
import { absentMounts, lossesOf, scaledDown } from './losses.ts';
import type { ModelService } from './model.ts';
import { isAskedFor, reasonsOf } from './reasons.ts';
import { isHeld, isLeftHalfWay, stoppedByHand } from './stopped.ts';

/** The effect of a plan on a service's containers. */
export interface ServiceChange {
	readonly service: string;
	/**
	 * `recreate`: a new container replaces each; `create`: there is none now; `restart`: the same container starts anew, after one that it
	 * depends on; `stop`: the service leaves the deployment; `keep`: no change.
	 */
	readonly action: 'recreate' | 'create' | 'restart' | 'stop' | 'keep';
	/** True when it runs now, and will be down for a while. */
	readonly interrupted: boolean;
	/** True when it is stopped now, which only an operator does, and stays stopped. */
	readonly staysStopped: boolean;
	/** True when its container stays, although it differs from the files already. */
	readonly differs?: true;
	/** The reasons, one line each: what differs. */
	readonly why: readonly string[];
}

export interface Comparison {
	readonly changes: readonly ServiceChange[];
	readonly losses: readonly Loss[];
}

/** Adds the dependencies of recreated services that differ from the files: Compose recreates them too. */
const withDependencies = (
	services: readonly ModelService[],
	changed: ReadonlyMap<string, readonly string[]>,
	reasons: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> => {
	const all = new Map(changed);
	for (const { of, on } of dependencesOf(changed.keys(), services)) {
		const why = reasons.get(on);
		if (why !== undefined && !all.has(on)) {
			all.set(on, [`${of} depends on it`, ...why]);
		}
	}
	return all;
};

/** Adds services that use the namespace or volumes of a recreated service, and those that use theirs. */
const withSharers = (
	services: readonly ModelService[],
	changed: ReadonlyMap<string, readonly string[]>,
	reasons: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly string[]> => {
	const all = new Map(changed);
	for (let more = true; more; ) {
		more = false;
		for (const { name, shares } of services) {
			const with_ = shares.find((other) => all.has(other));
			if (with_ !== undefined && !all.has(name)) {
				all.set(name, [`it uses the network or volumes of ${with_}`, ...(reasons.get(name) ?? [])]);
				more = true;
			}
		}
	}
	return all;
};

/**
 * Warns in the plan of a running container that uses the network of one that is stopped or gone: once it is stopped, nobody can start it
 * again. The undo finds the same on the host, with `is_past_starting` (undo-container-state.sh): from the restore point, when this program
 * may be gone. The plan cannot ask that function, as there is no restore point yet.
 */
const pastStarting = (service: ModelService, containers: readonly ContainerFacts[]): readonly string[] => {
	const runs = (name: string) => containers.some((facts) => facts.service === name && facts.running);
	const owner = service.networkMode?.startsWith('service:') ? service.networkMode.slice('service:'.length) : undefined;
	return owner === undefined || runs(owner) || !runs(service.name)
		? []
		: [`undo cannot start it again: it uses the network of ${owner}, which does not run`];
};

/** Compose would remove the containers of a service that is scaled to 0. They are only stopped, as those of a service that goes. */
const scaledToNothing = (service: string, own: readonly ContainerFacts[]): ServiceChange => {
	const running = own.filter((facts) => facts.running).length;
	return {
		service,
		action: running > 0 ? 'stop' : 'keep',
		interrupted: running > 0,
		staysStopped: false,
		...(running === 0 && { differs: true as const }),
		why: [
			running > 0
				? `it is scaled to 0, and ${running === 1 ? 'one runs' : `${running} run`}`
				: 'it is scaled to 0, and stopped',
		],
	};
};

/**
 * Compares the containers with what Compose would create from the new files. Pure.
 *
 * `changes` has every service of the new model, and each other service that has containers. Only a recreated service can lose
 * something.
 */
export const compare = (compared: Compared): Comparison => {
	const { containers, after, now, main } = compared;
	const containersOf = (service: string) => containers.filter((facts) => facts.service === service);
	const present = after.services.filter(({ name }) => containersOf(name).length > 0);
	const reasons = new Map(
		present
			.map((service) => [service.name, reasonsOf(service, containersOf(service.name), compared)] as const)
			.filter(([, why]) => why.length > 0),
	);
	const askedFor = new Set(
		present.filter((service) => isAskedFor(service, containersOf(service.name), compared)).map(({ name }) => name),
	);
	const created = after.services.filter(({ name, replicas }) => replicas > 0 && containersOf(name).length === 0);
	const leftHalfWay = present.filter(
		({ name }) =>
			!containersOf(name).some(({ running }) => running) &&
			containersOf(name).some((facts) => isLeftHalfWay(facts, containers) && !isHeld(facts)),
	);
	const recreated = withSharers(
		after.services,
		withDependencies(
			after.services,
			new Map([
				...[...reasons].filter(([name]) => askedFor.has(name)),
				...created.map(({ name }) => [name, ['it has no container now']] as const),
				...leftHalfWay.map(
					({ name }) =>
						[name, ['a deployment that stopped half-way has never started it', ...(reasons.get(name) ?? [])]] as const,
				),
			]),
			reasons,
		),
		reasons,
	);
	const isStopped = (name: string) =>
		name !== main && containersOf(name).every((facts) => stoppedByHand(facts, containers));
	/** Compose would restart what depends on these with `restart: true`. */
	const startsAnew = new Set(
		after.services
			.filter(({ name, replicas }) => recreated.has(name) && replicas > 0 && !isStopped(name))
			.map(({ name }) => name),
	);
	const changes = after.services.map((service): ServiceChange => {
		const own = containersOf(service.name);
		if (own.length === 0) {
			return {
				service: service.name,
				action: service.replicas === 0 ? 'keep' : 'create',
				interrupted: false,
				staysStopped: false,
				why: service.replicas === 0 ? [] : ['it has no container now'],
			};
		}
		const why = recreated.get(service.name);
		if (why !== undefined && service.replicas === 0) {
			return scaledToNothing(service.name, own);
		}
		const differs = reasons.has(service.name);
		const drift = differs ? ['it already differs from the files, and stays as it is'] : [];
		const runs = own.some(({ running }) => running);
		const cause = service.dependsOn.find(({ service: on, restart }) => restart && startsAnew.has(on));
		if (why === undefined && runs && cause !== undefined) {
			const reason = `it depends on ${cause.service}, with restart: true`;
			const change = { service: service.name, interrupted: true, staysStopped: false, why: [reason, ...drift] };
			return { ...change, action: 'restart', ...(differs && { differs: true as const }) };
		}
		return {
			service: service.name,
			action: why === undefined ? 'keep' : 'recreate',
			interrupted: why !== undefined && runs,
			staysStopped: isStopped(service.name),
			...(why === undefined && differs && { differs: true as const }),
			why: why === undefined ? drift : [...why, ...pastStarting(service, containers)],
		};
	});
	const known = new Set(after.services.map(({ name }) => name));
	const leaving = [...new Set(containers.map(({ service }) => service))].filter(
		(service) => !known.has(service) && (now === undefined || now.services.some(({ name }) => name === service)),
	);
	return {
		changes: [
			...changes,
			...leaving.map(
				(service): ServiceChange => ({
					service,
					action: 'stop',
					interrupted: containersOf(service).some(({ running }) => running),
					staysStopped: false,
					why: ['it is not part of the deployment afterwards; its container is stopped and kept'],
				}),
			),
		],
		losses: after.services
			.filter(({ name, replicas }) => replicas > 0 && recreated.has(name))
			.flatMap((service) => [
				...containersOf(service.name).flatMap((facts) => lossesOf(facts, service, compared)),
				...absentMounts(service, compared),
			])
			.filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index)
			.concat(scaledDown(compared, recreated)),
	};
};
