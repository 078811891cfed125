import type { CheckState } from './check.ts';
import type { MissingHost } from './missing-host.ts';
import type { RunSummary } from './run.ts';
import type { pastDeployment } from './shapes/history.ts';
import type { Fields } from './shapes/infer.ts';

/** One deployment, whoever made it, as far as the host shows it. Texts are unsanitised. */
export type PastDeployment = Fields<typeof pastDeployment>;

/** The deployments that are known, newest first, and the hosts of the target whose runs are missing from it. */
export interface WholeHistory {
	readonly deployments: readonly PastDeployment[];
	readonly missing: readonly MissingHost[];
}

/** A move of HEAD, from the reflog. */
export interface HeadMove {
	readonly commit: string;
	/** ms since the epoch, the host's clock, whole seconds. */
	readonly at: number;
	readonly by: string;
	/** The entry of the reflog: `pull: Fast-forward`. */
	readonly how: string;
	/** First line of the commit's message. */
	readonly subject: string;
}

/** A container as far as a history needs it; times are ms by the host's clock. */
export interface MadeContainer {
	readonly service: string;
	readonly image: string;
	readonly imageId: string;
	readonly configuration?: string;
	readonly createdAt: number;
}

/** All that is known about what was deployed. */
export interface HistorySources {
	/** Moves of HEAD, in any order. */
	readonly moves: readonly HeadMove[];
	readonly containers: readonly MadeContainer[];
	/** Runs that may have deployed something; no read-only ones. */
	readonly runs: readonly RunSummary[];
	/** Commits that runs noted at their end, by the run's id. */
	readonly deployedBy: ReadonlyMap<string, string>;
	/** Procedures that deploy whenever they succeed. */
	readonly deploying: ReadonlySet<string>;
	/** The newest verdict on a commit. */
	readonly verdicts: ReadonlyMap<string, CheckState>;
}

/** Containers that are created within this time of each other were created by one deployment, ms. */
const together = 120_000;
/** A deployment that builds its images creates its containers at most this long after the checkout, ms. */
const longestBuild = 3_600_000;
/** The reflog has whole seconds, and the clocks of steps and of the engine are read at different moments, ms. */
const slack = 2000;

interface Made {
	readonly at: number;
	readonly containers: readonly MadeContainer[];
}

/** Groups containers by the time at which they were created, oldest first. */
const groupsOf = (containers: readonly MadeContainer[]): readonly Made[] => {
	const groups: { at: number; last: number; containers: MadeContainer[] }[] = [];
	for (const container of containers.toSorted((a, b) => a.createdAt - b.createdAt)) {
		const group = groups.at(-1);
		if (group !== undefined && container.createdAt - group.last <= together) {
			group.containers.push(container);
			group.last = container.createdAt;
		} else {
			groups.push({ at: container.createdAt, last: container.createdAt, containers: [container] });
		}
	}
	return groups;
};

const imagesOf = (containers: readonly MadeContainer[]): PastDeployment['images'] => [
	...new Map(
		containers.map(({ service, image, imageId, configuration }) => [
			`${service} ${imageId}`,
			{ service, image, imageId, ...(configuration !== undefined && { configHash: configuration }) },
		]),
	).values(),
];

/** Returns the moves to another commit, oldest first: of several in quick succession, the last. */
const changesOfHead = (moves: readonly HeadMove[]): readonly HeadMove[] => {
	const sorted = moves.toSorted((a, b) => a.at - b.at);
	const changed = sorted.filter(({ commit }, at) => sorted[at - 1]?.commit !== commit);
	return changed.filter(({ at }, index) => (changed[index + 1]?.at ?? Number.POSITIVE_INFINITY) - at > slack);
};

const atMost = (at: number) => (one: { readonly at: number }) => one.at <= at;

/** The deployments that runs have made, with what they account for. */
const ofRuns = (
	{ runs, deployedBy, deploying }: HistorySources,
	moves: readonly HeadMove[],
	groups: readonly Made[],
) => {
	const usedMoves = new Set<HeadMove>();
	const usedGroups = new Set<Made>();
	const deployments = runs.flatMap((run): readonly PastDeployment[] => {
		const end = (run.endedAt ?? (run.state === 'running' ? Number.POSITIVE_INFINITY : run.startedAt)) + slack;
		const isWithin = ({ at }: { readonly at: number }) => at >= run.startedAt - slack && at <= end;
		// The moves are those of one host's clone: a run on another one has moved that of its own.
		const clone = run.node === undefined ? moves : [];
		const [own, made] = [clone.filter(isWithin), groups.filter(isWithin)];
		for (const move of own) {
			usedMoves.add(move);
		}
		for (const group of made) {
			usedGroups.add(group);
		}
		const hasDeployed =
			own.length > 0 || made.length > 0 || (run.state === 'succeeded' && deploying.has(run.procedure));
		const commit = deployedBy.get(run.id) ?? clone.findLast(atMost(end))?.commit;
		return hasDeployed
			? [
					{
						at: run.startedAt,
						source: 'run',
						how: run.title,
						...(commit !== undefined && { commit }),
						images: imagesOf(made.flatMap(({ containers }) => containers)),
						run: run.id,
						...(run.node !== undefined && { node: run.node }),
						by: `${run.who.user}@${run.who.machine}`,
						...(run.reason !== '' && { reason: run.reason }),
						state: run.state,
						...(run.unchecked === true && { unchecked: run.unchecked }),
						...(run.verdict !== undefined && { verdict: run.verdict }),
					},
				]
			: [];
	});
	return { deployments, usedMoves, usedGroups };
};

/** The deployments that nobody made through backout: a checkout and the containers after it, or one of both. */
const ofOthers = (moves: readonly HeadMove[], groups: readonly Made[], all: readonly HeadMove[]) => {
	const withContainers = new Map<HeadMove, Made>();
	const alone: PastDeployment[] = [];
	for (const group of groups) {
		const move = moves.findLast(atMost(group.at + slack));
		const commit = all.findLast(atMost(group.at + slack));
		if (move !== undefined && move === commit && group.at - move.at <= longestBuild && !withContainers.has(move)) {
			withContainers.set(move, group);
		} else {
			const names = [...new Set(group.containers.map(({ service }) => service))].sort().join(', ');
			alone.push({
				at: group.at,
				source: 'containers',
				how: `created: ${names}`,
				...(commit !== undefined && { commit: commit.commit }),
				images: imagesOf(group.containers),
			});
		}
	}
	const checkedOut = moves.map((move): PastDeployment => {
		const group = withContainers.get(move);
		return {
			at: group?.at ?? move.at,
			source: 'git',
			how: move.how,
			commit: move.commit,
			images: imagesOf(group?.containers ?? []),
			...(move.by !== '' && { by: move.by }),
		};
	});
	return [...checkedOut, ...alone];
};

/**
 * Puts together what was deployed when, newest first: runs, moves of HEAD that no run accounts for, and containers that neither accounts
 * for. A move of HEAD need not have been deployed: for those of the past nothing tells, as their containers are gone.
 */
export const historyOf = (sources: HistorySources): readonly PastDeployment[] => {
	const moves = changesOfHead(sources.moves);
	const groups = groupsOf(sources.containers);
	const { deployments, usedMoves, usedGroups } = ofRuns(sources, moves, groups);
	const others = ofOthers(
		moves.filter((move) => !usedMoves.has(move)),
		groups.filter((group) => !usedGroups.has(group)),
		moves,
	);
	const subjects = new Map(moves.map(({ commit, subject }) => [commit, subject]));
	const all = [...deployments, ...others].toSorted((a, b) => b.at - a.at);
	return all.map((one, index) => {
		const next = all[index - 1];
		const subject = one.commit === undefined ? undefined : subjects.get(one.commit);
		const known = one.commit === undefined ? undefined : sources.verdicts.get(one.commit);
		return {
			...one,
			...(next !== undefined && { until: next.at }),
			...(subject !== undefined && { subject }),
			...(one.verdict === undefined && known !== undefined && { verdict: known, verdictOfCommit: true }),
		};
	});
};
