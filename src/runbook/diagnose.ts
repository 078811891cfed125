import type { Verification } from './check.ts';
import {
	type CommitReading,
	type ContainerReading,
	type HealthReading,
	isStale,
	type LogErrorsReading,
	type Reading,
} from './reading.ts';
import type { Runbook, SuggestionCondition } from './runbook.ts';

/** A procedure of the runbook that fits the readings. */
export interface Fitting {
	/** The procedure's id. */
	readonly procedure: string;
	/** The reason why it fits: the readings. Text from the host in it is unsanitised. */
	readonly why: string;
}

/** The runbook's suggestion: the procedure that fits best, and others that fit. */
export interface Suggestion extends Fitting {
	/** Other procedures that fit, the best first; missing when there are none. */
	readonly others?: readonly Fitting[];
}

/** The input of a diagnosis. */
export interface Symptoms {
	readonly containers: Reading<readonly ContainerReading[]>;
	readonly verification: Verification | undefined;
	readonly health: readonly { readonly name: string; readonly reading: Reading<HealthReading> }[];
	readonly logErrors: Reading<LogErrorsReading>;
	readonly commit: Reading<CommitReading>;
	/** ms since the epoch, this machine's clock: a stale reading proves nothing. */
	readonly now: number;
}

/** Returns the containers of a service from a fresh reading; undefined if there is none. */
const containersOf = (service: string, { containers, now }: Symptoms): readonly ContainerReading[] | undefined =>
	containers.value === undefined || containers.state === 'unknown' || isStale(containers, now)
		? undefined
		: containers.value.filter((container) => container.service === service);

const stillStatus: readonly string[] = ['exited', 'created'];

/** True for a container that ended as asked: with 0, or by TERM or KILL, as `docker stop` sends them (128 + the signal's number, sh(1)). */
const exitedBySignal = (exitCode: number | undefined): boolean => [undefined, 0, 137, 143].includes(exitCode);

/** True for a container that was stopped, also if a later start failed, which Docker records as 128. */
const standsStill = ({ status, exitCode }: ContainerReading): boolean =>
	stillStatus.includes(status) && (exitedBySignal(exitCode) || (status === 'exited' && exitCode === 128));

/** Says why a service counts as restarting or not running; undefined when it runs, and when that is not known. */
const restarting = (service: string, symptoms: Symptoms): string | undefined => {
	const found = containersOf(service, symptoms);
	if (found === undefined) {
		return undefined;
	}
	if (found.length === 0) {
		return `${service} has no container`;
	}
	const trouble = found.find(
		(container) =>
			// A running container that is not ok for a reason other than its health was restarted a moment ago. The same goes for one that was
			// restarted before and whose health check has just begun.
			container.state !== 'ok' &&
			!standsStill(container) &&
			(container.status !== 'running' ||
				container.health === undefined ||
				container.health === 'healthy' ||
				(container.health === 'starting' && container.restarts > 0)),
	);
	if (trouble === undefined) {
		return undefined;
	}
	const times =
		trouble.restarts > 0 ? `, restarted ${trouble.restarts === 1 ? 'once' : `${trouble.restarts} times`}` : '';
	return `${service} is ${trouble.status}${times}`;
};

/** Returns the first service that counts as restarting and is none of these. */
const restartingBesides = (services: readonly string[], symptoms: Symptoms): string | undefined =>
	[...new Set(symptoms.containers.value?.map(({ service }) => service))]
		.filter((service) => !services.includes(service))
		.map((service) => restarting(service, symptoms))
		.find((what) => what !== undefined);

/** Says that a service was stopped: no container runs, and one was stopped. A finished task is `ok`. */
const stopped = (service: string, symptoms: Symptoms): string | undefined => {
	const found = containersOf(service, symptoms) ?? [];
	const still = found.find((container) => container.state !== 'ok' && standsStill(container));
	return still !== undefined && found.every(({ status }) => stillStatus.includes(status))
		? `${service} is ${still.status}`
		: undefined;
};

const unhealthy = (service: string, symptoms: Symptoms): string | undefined =>
	containersOf(service, symptoms)?.some(({ health }) => health === 'unhealthy') ? `${service} is unhealthy` : undefined;

const running = (service: string, symptoms: Symptoms): string | undefined => {
	const found = containersOf(service, symptoms) ?? [];
	return found.length > 0 && found.every(({ status, restarts }) => status === 'running' && restarts === 0)
		? `${service} runs and does not restart`
		: undefined;
};

const deployed = ({ commit, now }: Symptoms): CommitReading | undefined =>
	commit.state === 'unknown' || isStale(commit, now) ? undefined : commit.value;

const unproven = (symptoms: Symptoms): string | undefined => {
	const commit = deployed(symptoms);
	if (commit?.lastGood === undefined || commit.verified === 'good') {
		return undefined;
	}
	const said = commit.verified === 'bad' ? 'has failed verification' : 'has not passed verification';
	return `${commit.hash.slice(0, 9)} ${said}, ${commit.lastGood.slice(0, 9)} has passed it`;
};

const rebuilt = (service: string, symptoms: Symptoms): string | undefined => {
	const { verified, goodImages = [] } = deployed(symptoms) ?? {};
	const good = goodImages.at(-1);
	const other = (containersOf(service, symptoms) ?? []).find(
		({ imageId }) => imageId !== '' && !goodImages.includes(imageId),
	);
	const short = (id: string) => id.replace(/^sha256:/, '').slice(0, 12);
	return verified === 'good' && good !== undefined && other !== undefined
		? `image ${short(other.imageId)} runs, ${short(good)} of the same commit has passed verification`
		: undefined;
};

const failed = (id: string, { verification }: Symptoms): string | undefined => {
	const check = verification?.checks.find((result) => result.id === id);
	return check?.state === 'failed' ? `${check.title}: ${check.reason}` : undefined;
};

/** Shortens a line so that it fits in a row or two. */
const excerpt = (line: string): string => (line.length > 120 ? `${line.slice(0, 119)}…` : line).trim();

const matchingLine = (text: string, pattern: string): string | undefined => {
	const test = new RegExp(pattern, 'iu');
	return text.split('\n').find((line) => test.test(line));
};

const evidence = (
	{ check: id, matches }: NonNullable<SuggestionCondition['evidence']>,
	{ verification }: Symptoms,
): string | undefined => {
	const check = verification?.checks.find((result) => result.id === id);
	const line = check === undefined ? undefined : matchingLine(check.evidence, matches);
	return line === undefined ? undefined : `${check?.title}: ${excerpt(line)}`;
};

const body = (
	{ endpoint, matches }: NonNullable<SuggestionCondition['body']>,
	{ health, now }: Symptoms,
): string | undefined => {
	const found = health.find(({ name }) => name === endpoint)?.reading;
	if (found === undefined || found.state === 'unknown' || isStale(found, now)) {
		return undefined;
	}
	const line = matchingLine(found.value?.body ?? '', matches);
	return line === undefined ? undefined : `${endpoint} answers ${excerpt(line)}`;
};

/** The number of minutes for which an error counts, the current one included: longer than Docker pauses between restarts. */
const errorMinutes = 3;

const error = (pattern: string, { logErrors, now }: Symptoms): string | undefined => {
	const { value, state } = logErrors;
	if (value?.lastLine === undefined || state === 'unknown' || isStale(logErrors, now)) {
		return undefined;
	}
	const young = value.history.slice(-errorMinutes).some((count) => count > 0);
	return young && matchingLine(value.lastLine, pattern) !== undefined
		? `the log says ${excerpt(value.lastLine)}`
		: undefined;
};

/** @returns the readings in words, if all conditions are met; a condition about something unknown is not met */
const seen = (condition: SuggestionCondition, symptoms: Symptoms): string | undefined => {
	const found = [
		...(condition.restarting === undefined ? [] : [restarting(condition.restarting, symptoms)]),
		...(condition.restartingBesides === undefined ? [] : [restartingBesides(condition.restartingBesides, symptoms)]),
		...(condition.stopped === undefined ? [] : [stopped(condition.stopped, symptoms)]),
		...(condition.unhealthy === undefined ? [] : [unhealthy(condition.unhealthy, symptoms)]),
		...(condition.running === undefined ? [] : [running(condition.running, symptoms)]),
		...(condition.commit === undefined ? [] : [unproven(symptoms)]),
		...(condition.rebuilt === undefined ? [] : [rebuilt(condition.rebuilt, symptoms)]),
		...(condition.failed === undefined ? [] : [failed(condition.failed, symptoms)]),
		...(condition.evidence === undefined ? [] : [evidence(condition.evidence, symptoms)]),
		...(condition.body === undefined ? [] : [body(condition.body, symptoms)]),
		...(condition.error === undefined ? [] : [error(condition.error, symptoms)]),
	];
	return found.length > 0 && found.every((what) => what !== undefined) ? found.join('; ') : undefined;
};

/** Suggests the procedures whose conditions are met, in the runbook's order, each once. `why` is the runbook's reason and the readings. */
export const diagnose = (suggestions: Runbook['suggestions'], symptoms: Symptoms): Suggestion | undefined => {
	const fitting = new Map<string, Fitting>();
	for (const { procedure, why, when } of suggestions) {
		const what = fitting.has(procedure) ? undefined : seen(when, symptoms);
		if (what !== undefined) {
			fitting.set(procedure, { procedure, why: why === '' ? what : `${why} (${what})` });
		}
	}
	const [first, ...others] = fitting.values();
	return first && { ...first, ...(others.length > 0 && { others }) };
};

/** True when two suggestions say the same. */
export const sameSuggestion = (a: Suggestion | undefined, b: Suggestion | undefined): boolean =>
	JSON.stringify(a) === JSON.stringify(b);
