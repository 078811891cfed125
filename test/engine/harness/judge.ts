import type { Said } from '../../helpers/program.ts';
import type { ContainerFacts } from './facts.ts';
import { nameOf } from './facts.ts';
import { jobsEnded } from './jobs.ts';
import type { Site } from './site.ts';
import { containerDifferences, differences, type Snapshot } from './snapshot.ts';

/**
 * `verified`: exit code 0. `refused`: 4, nothing was changed. `not verified`: 1 or 5, nothing is claimed. `unknown`: 3 or 6, as
 * when the host takes too long to answer.
 */
export type Outcome = 'verified' | 'refused' | 'not verified' | 'unknown';

export interface Judged {
	readonly outcome: Outcome;
	readonly undo: Outcome | 'none';
	/** Statements of the program that the engine, git or a file contradicts. */
	readonly findings: readonly string[];
	/** The program's output, for messages. */
	readonly text: string;
	readonly before: Snapshot;
	readonly after: Snapshot;
}

/** Gives what is wrong with what stands there after a run that was verified. */
export type Wanted = (now: Snapshot, before: Snapshot) => readonly string[] | Promise<readonly string[]>;

export interface JudgeOptions {
	/** True when the deployment was stopped on purpose, so that the owner's own `up -d` afterwards does not matter. */
	readonly stopped?: boolean;
	readonly undo?: false;
	/** Services of a profile of which nothing on the host tells that its owner uses it: no container of it is there. */
	readonly unseen?: readonly string[];
	/** Services that end by themselves: a start runs them again, and what stands is looked at when they have ended. */
	readonly jobs?: readonly string[];
}

const outcomes: Readonly<Record<number, Outcome>> = {
	0: 'verified',
	1: 'not verified',
	4: 'refused',
	5: 'not verified',
};

export const outcomeOf = (what: string, { code, text }: Said): Outcome => {
	const outcome = outcomes[code ?? -1];
	if (outcome === undefined) {
		throw new Error(`${what} ended with ${code}:\n${text}`);
	}
	return outcome;
};

/**
 * Lists what the owner's own start makes anew, or where it fails. It may fail for the image of a service that has no container, if the run
 * has said that the image is not here: no registry is here that still has it. A service that differed from the files before the run may be
 * made anew, if the run has named it.
 */
const ownersStart = async (site: Site, said: string, unseen: readonly string[] = []): Promise<readonly string[]> => {
	const before = await site.containers();
	const differed = /but what differed from the files before: ([^,\n]*)/.exec(said)?.[1]?.split(' ') ?? [];
	const wasSaid = /but it needs images that are not here:/.test(said);
	const failed = await site.compose('up', '-d').then(
		() => [],
		(error: unknown) =>
			wasSaid && /^ *\S+ Pulling/m.test(String(error))
				? []
				: [`the owner's \`up -d\` fails afterwards: ${String(error).slice(0, 400)}`],
	);
	const now = await site.containers();
	const known = [...unseen, ...differed];
	const made = now.filter(({ id, service }) => !before.some((item) => item.id === id) && !known.includes(service));
	return [...failed, ...made.map((item) => `the owner's \`up -d\` makes ${nameOf(item)} anew`)];
};

/** Projects and volumes that a run made beside the deployment, or took from it. */
const beside = (before: Snapshot, now: Snapshot): readonly string[] => {
	const projects = new Set(before.containers.map(({ project }) => project));
	return [
		...now.containers
			.filter(({ project }) => !projects.has(project))
			.map((item) => `${nameOf(item)} is of another project`),
		...before.volumes.filter((name) => !now.volumes.includes(name)).map((name) => `volume ${name} is gone`),
	];
};

/** Runs a procedure, judges what it said by what stands there, and then takes it back and judges that. */
export const judgeRun = async (
	site: Site,
	args: readonly string[],
	wanted: Wanted,
	options: JudgeOptions = {},
): Promise<Judged> => {
	const before = await site.snapshot();
	const said = await site.backout('run', ...args, '--yes', '--confirm', 't', '--reason', 'test');
	const outcome = outcomeOf(args.join(' '), said);
	const jobs = options.jobs ?? [];
	await jobsEnded(site, jobs);
	const after = await site.snapshot();
	const findings: string[] = [];
	/** Images that the owner's own start has built: an undo of the run leaves them. */
	let builtByOwner: readonly string[] = [];
	const add = (what: string, found: readonly string[]) => findings.push(...found.map((item) => `${what}: ${item}`));
	if (outcome === 'refused') {
		add('refused', differences(before, after, 'containers'));
	}
	if (outcome === 'verified') {
		add('verified', [...(await wanted(after, before)), ...beside(before, after)]);
		if (options.stopped !== true) {
			add('verified', await ownersStart(site, said.text, options.unseen));
			await jobsEnded(site, jobs);
			builtByOwner = Object.keys((await site.snapshot()).images).filter((name) => !(name in after.images));
		}
	}
	if (outcome === 'refused' || outcome === 'unknown' || options.undo === false) {
		return { outcome, undo: 'none', findings, text: short(said.text), before, after };
	}
	const back = await site.backout('undo', 'last', '--yes', '--confirm', 't', '--reason', 'test');
	const undo = outcomeOf('undo', back);
	await jobsEnded(site, jobs);
	// A refused undo has changed nothing; any other has to restore everything, whatever its verdict.
	if (undo === 'verified' || undo === 'not verified') {
		add(
			undo === 'verified' ? 'undone' : 'not undone',
			differences(before, await site.snapshot(), 'settings').filter(
				(line) => !builtByOwner.some((name) => line.startsWith(`image name ${name}: before none`)),
			),
		);
	}
	return { outcome, undo, findings, text: short(`${said.text}\n── undo ──\n${back.text}`), before, after };
};

/** Without the lines of the builder. */
const short = (text: string): string =>
	text
		.split('\n')
		.filter((line) => !/^\s*(#\d|$)/.test(line))
		.join('\n');

const keep = ['env', 'mounts', 'ports', 'policy', 'networks'] as const;

/**
 * Wants each service to run these versions (label `test.version` of its image), in one container each unless `counts`
 * says how many, with the settings that it had before.
 */
export const runs =
	(versions: Readonly<Record<string, string>>, counts: Readonly<Record<string, number>> = {}): Wanted =>
	(now, before) =>
		Object.entries(versions).flatMap(([service, version]) => {
			const mine = now.containers.filter((item) => item.service === service);
			const up = mine.filter(({ state }) => state === 'up');
			const wanted = counts[service] ?? 1;
			return [
				...(up.length === wanted ? [] : [`${service}: ${up.length} of ${wanted} containers run`]),
				...mine
					.filter((item) => item.version !== version)
					.map((item) => `${nameOf(item)} runs version ${item.version}, not ${version}`),
				...mine.flatMap((item) =>
					changedSettings(
						before.containers.find((old) => nameOf(old) === nameOf(item)),
						item,
					),
				),
			];
		});

const changedSettings = (old: ContainerFacts | undefined, now: ContainerFacts): readonly string[] =>
	old === undefined
		? []
		: containerDifferences(old, now, [old]).filter((line) => keep.some((key) => line.includes(`: ${key} before`)));

/** Wants that none of these services runs. */
export const doesNotRun =
	(...services: readonly string[]): Wanted =>
	(now) =>
		now.containers
			.filter(({ service, state }) => services.includes(service) && state === 'up')
			.map((item) => `${nameOf(item)} runs version ${item.version}`);

/** Wants all of these. */
export const all =
	(...wanted: readonly Wanted[]): Wanted =>
	async (now, before) =>
		(await Promise.all(wanted.map((one) => one(now, before)))).flat();
