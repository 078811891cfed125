import type { PastDeployment } from '../runbook/history.ts';
import type { Mark } from './mark.ts';
import type { Readings } from './workspace.ts';

/** Shortest pause between two reads, ms. */
const leastPauseMs = 15_000;
/** A change that the readings show within this time after a deployment began is that deployment, ms. */
const togetherMs = 180_000;

/** Reads what was deployed, whoever did it: see `Actions.history`. */
export type ReadDeployments = (signal: AbortSignal) => Promise<readonly PastDeployment[]>;

const markOf = ({ at, commit, by, how }: PastDeployment): Mark => {
	const what = commit === undefined ? how : `commit ${commit.slice(0, 7)} deployed`;
	return { at, kind: 'deployment', label: by === undefined ? what : `${what} by ${by}` };
};

/** What the readings say of what is deployed: after each change of it the history may have one more deployment. */
const deployedNow = ({ containers, commit, runs }: Readings): string =>
	JSON.stringify([
		commit.get().value?.hash,
		(containers.get().value ?? []).map(({ id }) => id).sort(),
		runs.get()?.map(({ id, state }) => `${id} ${state}`),
	]);

/**
 * Reads what the host knows of deployments, also of those before the dashboard was opened, when a chart is drawn for the first time and
 * something may have been deployed since. A failure leaves what is known.
 */
export const createKnownDeployments = (readings: Readings, read: ReadDeployments) => {
	const closing = new AbortController();
	let known: readonly PastDeployment[] = [];
	let readFor: string | undefined;
	let notBefore = Number.NEGATIVE_INFINITY;
	const refresh = () => {
		const wanted = deployedNow(readings);
		const now = performance.now();
		if (wanted === readFor || now < notBefore || readings.link.get().status !== 'up') {
			return;
		}
		notBefore = now + leastPauseMs;
		read(closing.signal).then(
			(deployments) => {
				known = deployments;
				readFor = wanted;
			},
			() => {},
		);
	};
	return {
		/** Adds the deployments that no run has made to the marks of runs and readings; those have their own marks. */
		addTo: (seen: readonly Mark[]): readonly Mark[] => {
			refresh();
			const others = known.filter(({ source }) => source !== 'run');
			const isKnown = ({ at, kind, label, service }: Mark) =>
				kind === 'deployment' &&
				others.some(
					(one) =>
						at >= one.at - leastPauseMs &&
						at <= one.at + togetherMs &&
						(service === undefined
							? markOf(one).label.startsWith(label)
							: one.images.some((image) => image.service === service)),
				);
			return [...seen.filter((mark) => !isKnown(mark)), ...others.map(markOf)];
		},
		close: () => closing.abort(),
	};
};
