import { type ContainerFacts, nameOf } from '../harness/facts.ts';
import type { Wanted } from '../harness/judge.ts';
import type { Snapshot } from '../harness/snapshot.ts';
import type { CommitSpec, ServiceSpec, Spec } from './spec.ts';

/** The facts about a history that has been created. */
export interface Ground {
	/** The hash of each commit. */
	readonly hashes: readonly string[];
	/** The image that the main service ran when the first commit was deployed. */
	readonly firstImage: string | undefined;
}

const isBuilt = ({ source }: ServiceSpec): boolean => source !== 'published' && source !== 'moving';

const enabled = (spec: Spec, commit: CommitSpec): readonly ServiceSpec[] =>
	commit.services.filter(({ profile }) => !profile || spec.profile);

const versionOf = (service: ServiceSpec, index: number): string => {
	if (isBuilt(service)) {
		return String(index + 1);
	}
	return service.source === 'moving' ? 'm1' : `p${service.tag}`;
};

const of = (at: Snapshot, service: string): readonly ContainerFacts[] =>
	at.containers.filter((item) => item.service === service);

/** As many run as the model wants, none of them crashes, and none has lost the network that it uses. */
const allRun = (spec: Spec, commit: CommitSpec, now: Snapshot): readonly string[] =>
	enabled(spec, commit).flatMap((service) => {
		const mine = of(now, service.name);
		if (service.job) {
			return mine.filter(({ state }) => state !== 'exited 0').map((item) => `${nameOf(item)} is ${item.state}`);
		}
		const up = mine.filter(({ state, restarting }) => state === 'up' && !restarting);
		return [
			...(up.length === service.replicas
				? []
				: [`${service.name}: ${up.length} of ${service.replicas} containers run`]),
			...mine.filter(({ networks }) => networks.includes('gone')).map((item) => `${nameOf(item)} has lost its network`),
		];
	});

/** Files that only this host has, and edited ones, are unchanged. */
const filesKept = (before: Snapshot, now: Snapshot, except: readonly string[]): readonly string[] => {
	const mine = (before.git.status ?? '')
		.split('\n')
		.filter((line) => /^(!!|\?\?| ?M) /.test(line))
		.map((line) => line.replace(/^\S+ +| M /, '').trim());
	return mine
		.filter((path) => path in before.files && !except.some((name) => path.endsWith(name)))
		.filter((path) => before.files[path] !== now.files[path])
		.map((path) => `file ${path} is not as it was`);
};

/** True for a service whose name moves, which is not rolled back and still has its container: nothing is claimed about it. */
const isLeftAlone = (spec: Spec, service: ServiceSpec, { id }: ContainerFacts, before: Snapshot): boolean =>
	service.source === 'moving' && service.name !== spec.main && before.containers.some((item) => item.id === id);

const wantedCommit =
	(spec: Spec, { hashes }: Ground): Wanted =>
	(now, before) => {
		const target = spec.commits[0] as CommitSpec;
		const last = spec.commits.at(-1) as CommitSpec;
		const gone = last.services.filter(({ name }) => !target.services.some((item) => item.name === name));
		return [
			...(now.git.HEAD === hashes[0] ? [] : [`HEAD is ${now.git.HEAD}, not ${hashes[0]}`]),
			...(now.git.branch === before.git.branch ? [] : [`the branch is ${now.git.branch}, it was ${before.git.branch}`]),
			...allRun(spec, target, now),
			...enabled(spec, target).flatMap((service) =>
				of(now, service.name)
					// What is scaled to 0 is stopped, whatever its version.
					.filter(({ state }) => service.replicas > 0 || state === 'up')
					.filter(({ version }) => version !== versionOf(service, 0))
					.filter((item) => !isLeftAlone(spec, service, item, before))
					.map((item) => `${nameOf(item)} runs version ${item.version}, not ${versionOf(service, 0)}`),
			),
			...gone.flatMap(({ name }) =>
				of(now, name)
					.filter(({ state }) => state === 'up')
					.map((item) => `${nameOf(item)} still runs; the commit does not know it`),
			),
			...filesKept(before, now, target.confTracked ? ['conf/app.conf'] : []),
		];
	};

/** The main service, and what has its image by the same name, runs the chosen image; nothing else is another container now. */
const wantedImage =
	(spec: Spec, { firstImage }: Ground): Wanted =>
	(now, before) => {
		const last = spec.commits.at(-1) as CommitSpec;
		const main = last.services.find(({ name }) => name === spec.main);
		const same = last.services.filter(
			(item) => item === main || (main?.source === 'shared' && item.source === 'shared'),
		);
		const along = new Set(
			[...same, ...last.services.filter(({ network }) => same.some(({ name }) => name === network))].map(
				({ name }) => name,
			),
		);
		return [
			...allRun(spec, last, now),
			...same.flatMap(({ name }) =>
				of(now, name)
					.filter(({ image }) => image !== firstImage)
					.map((item) => `${nameOf(item)} runs image ${item.image}, not ${firstImage}`),
			),
			...before.containers
				.filter(({ service }) => !along.has(service))
				.filter(({ id, startedAt }) => !now.containers.some((item) => item.id === id && item.startedAt === startedAt))
				.filter(({ state }) => state === 'up')
				.map((item) => `${nameOf(item)} was started anew and has nothing to do with it`),
			...Object.entries(before.images)
				.filter(([name, id]) => name.includes('/published:') && now.images[name] !== id)
				.map(([name]) => `the name ${name} stands for another image now`),
			...(now.git.HEAD === before.git.HEAD ? [] : ['HEAD was moved']),
			...filesKept(before, now, []),
		];
	};

const wantedConfig =
	(spec: Spec): Wanted =>
	(now, before) => {
		const last = spec.commits.at(-1) as CommitSpec;
		const find = (files: Readonly<Record<string, string>>, name: string) =>
			Object.entries(files)
				.find(([path]) => path === name || path.endsWith(`/${name}`))?.[1]
				?.split(' ')[1];
		return [
			...(find(now.files, '.env') === find(before.files, '.env.good') ? [] : ['.env is not what was chosen']),
			...allRun(spec, last, now),
			...last.services
				.filter(({ usesValue }) => usesValue)
				.flatMap(({ name }) => of(now, name))
				.filter(({ env }) => !env.includes('VALUE=good'))
				.map((item) => `${nameOf(item)} does not have the value that was put back: ${item.env.join(' ')}`),
			...(now.git.HEAD === before.git.HEAD ? [] : ['HEAD was moved']),
			...filesKept(before, now, ['.env']),
		];
	};

/** Returns the state that a done and verified procedure must leave. */
export const wantedOf = (spec: Spec, ground: Ground): Wanted => {
	switch (spec.procedure) {
		case 'rollback-image':
			return wantedImage(spec, ground);
		case 'config-error':
			return wantedConfig(spec);
		default:
			return wantedCommit(spec, ground);
	}
};
