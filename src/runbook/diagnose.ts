import type { Verification } from './check.ts';
import { type ContainerReading, isStale, type Reading } from './reading.ts';
import type { Runbook, SuggestionCondition } from './runbook.ts';

/** What a diagnosis rests on. */
export interface Symptoms {
	readonly containers: Reading<readonly ContainerReading[]>;
	readonly verification: Verification | undefined;
	/** ms since the epoch, this machine's clock: a stale reading proves nothing. */
	readonly now: number;
}

/** What of a service was seen, from a fresh reading; undefined when it is not known. */
const containersOf = (service: string, { containers, now }: Symptoms): readonly ContainerReading[] | undefined =>
	containers.value === undefined || containers.state === 'unknown' || isStale(containers, now)
		? undefined
		: containers.value.filter((container) => container.service === service);

/** Why a service counts as restarting or not running; undefined when it runs, and when that is not known. */
const restarting = (service: string, symptoms: Symptoms): string | undefined => {
	const found = containersOf(service, symptoms);
	if (found === undefined) {
		return undefined;
	}
	if (found.length === 0) {
		return `${service} has no container`;
	}
	const trouble = found.find(
		({ status, health, state, restarts }) =>
			// A running container that is not ok for another reason than its health was restarted a moment ago, and so
			// was one whose health check has only begun although it has been restarted before.
			state !== 'ok' &&
			(status !== 'running' || health === undefined || health === 'healthy' || (health === 'starting' && restarts > 0)),
	);
	if (trouble === undefined) {
		return undefined;
	}
	const times =
		trouble.restarts > 0 ? `, restarted ${trouble.restarts === 1 ? 'once' : `${trouble.restarts} times`}` : '';
	return `${service} is ${trouble.status}${times}`;
};

const unhealthy = (service: string, symptoms: Symptoms): string | undefined =>
	containersOf(service, symptoms)?.some(({ health }) => health === 'unhealthy') ? `${service} is unhealthy` : undefined;

const failed = (id: string, { verification }: Symptoms): string | undefined => {
	const check = verification?.checks.find((result) => result.id === id);
	return check?.state === 'failed' ? `${check.title}: ${check.reason}` : undefined;
};

/** @returns what was seen, when all conditions hold; a condition over something that is not known does not. */
const seen = (condition: SuggestionCondition, symptoms: Symptoms): string | undefined => {
	const found = [
		...(condition.restarting === undefined ? [] : [restarting(condition.restarting, symptoms)]),
		...(condition.unhealthy === undefined ? [] : [unhealthy(condition.unhealthy, symptoms)]),
		...(condition.failed === undefined ? [] : [failed(condition.failed, symptoms)]),
	];
	return found.length > 0 && found.every((what) => what !== undefined) ? found.join('; ') : undefined;
};

/**
 * The procedure that the runbook suggests for what is seen: the first whose condition holds. `why` is the runbook's
 * reason and what was seen.
 */
export const diagnose = (
	suggestions: Runbook['suggestions'],
	symptoms: Symptoms,
): { readonly procedure: string; readonly why: string } | undefined => {
	for (const { procedure, why, when } of suggestions) {
		const what = seen(when, symptoms);
		if (what !== undefined) {
			return { procedure, why: why === '' ? what : `${why} (${what})` };
		}
	}
	return undefined;
};
