import { createRandom, type Random } from '../../soak/random.ts';
import type { CommitSpec, Fault, Procedure, ServiceSpec, Spec } from './spec.ts';

const names = ['web', 'api', 'worker', 'mail', 'cache', 'proxy', 'cron'] as const;

const newService = (random: Random, name: string, others: readonly ServiceSpec[]): ServiceSpec => {
	const job = others.length > 0 && random.chance(0.15);
	const hosts = others.filter(
		(item) => !item.job && item.network === undefined && item.replicas === 1 && !item.profile,
	);
	const jobs = others.filter((item) => item.job && !item.profile);
	const network = !job && hosts.length > 0 && random.chance(0.15) ? random.one(hosts).name : undefined;
	return {
		name,
		source: random.one(['build', 'build', 'build', 'named', 'shared', 'published', 'published', 'moving'] as const),
		tag: 1,
		mode: random.one(['live', 'test']),
		usesValue: random.chance(0.4),
		usesEnvFile: random.chance(0.25),
		policy: job ? 'no' : random.one(['always', 'always', 'unless-stopped', 'on-failure', 'no'] as const),
		replicas: !job && network === undefined && random.chance(0.2) ? random.one([2, 2, 3, 0]) : 1,
		profile: others.length > 0 && random.chance(0.15),
		network,
		volume: random.chance(0.3),
		mount: random.chance(0.3),
		job,
		after: !job && jobs.length > 0 && random.chance(0.5) ? random.one(jobs).name : undefined,
	};
};

const firstCommit = (random: Random): CommitSpec => {
	const services: ServiceSpec[] = [];
	for (const name of names.slice(0, random.between(1, 5))) {
		services.push(newService(random, name, services));
	}
	const [main] = services;
	// The main one is there, once, whatever the owner's command.
	services[0] = { ...(main as ServiceSpec), replicas: Math.max(1, main?.replicas ?? 1) };
	return { services, confTracked: random.chance(0.6), crashes: false };
};

/** Returns services that no longer mention `gone`. */
const without = (services: readonly ServiceSpec[], gone: string): readonly ServiceSpec[] =>
	services
		.filter(({ name }) => name !== gone)
		.map((item) => ({
			...item,
			network: item.network === gone ? undefined : item.network,
			after: item.after === gone ? undefined : item.after,
		}));

const change = (random: Random, commit: CommitSpec, main: string): CommitSpec => {
	const { services } = commit;
	const some = random.one(services);
	const edit = (changed: Partial<ServiceSpec>) => ({
		...commit,
		services: services.map((item) => (item === some ? { ...item, ...changed } : item)),
	});
	const free = names.find((name) => !services.some((item) => item.name === name));
	switch (random.between(0, 8)) {
		case 0:
			return free === undefined ? commit : { ...commit, services: [...services, newService(random, free, services)] };
		case 1:
			return some.name === main || services.length === 1
				? commit
				: { ...commit, services: without(services, some.name) };
		case 2: {
			if (free === undefined || (some.name === main && random.chance(0.7))) {
				return commit;
			}
			const renamed = services.map((item) => ({
				...item,
				name: item === some ? free : item.name,
				network: item.network === some.name ? free : item.network,
				after: item.after === some.name ? free : item.after,
			}));
			return { ...commit, services: renamed };
		}
		case 3:
			return edit({ mode: `${some.mode}-more` });
		case 4:
			return edit({ policy: some.job ? 'no' : random.one(['always', 'unless-stopped', 'no'] as const) });
		case 5:
			return edit(
				some.job || some.network !== undefined || isNetwork(services, some) ? {} : { replicas: random.between(1, 3) },
			);
		case 6:
			return edit({ tag: some.tag + 1, usesValue: random.chance(0.5) });
		case 7:
			return { ...commit, confTracked: !commit.confTracked };
		default:
			return edit({ volume: !some.volume });
	}
};

const isNetwork = (services: readonly ServiceSpec[], one: ServiceSpec): boolean =>
	services.some(({ network }) => network === one.name);

const history = (random: Random): { commits: readonly CommitSpec[]; main: string } => {
	const first = firstCommit(random);
	const main = first.services[0]?.name ?? 'web';
	const commits = [first];
	const count = random.between(2, 4);
	while (commits.length < count) {
		let next = commits.at(-1) as CommitSpec;
		for (let changes = random.between(0, 3); changes > 0; changes--) {
			next = change(random, next, main);
		}
		commits.push(next);
	}
	if (random.chance(0.4)) {
		commits.push({ ...(commits.pop() as CommitSpec), crashes: true });
	}
	return { commits, main };
};

const faultsOf = (random: Random, procedure: Procedure): readonly Fault[] => {
	const all: readonly Fault[] = [
		'edit-elsewhere',
		'edit-in-the-way',
		'stopped',
		'removed',
		'newer-commit',
		'image-pruned',
		'untracked-file',
	];
	const chosen = new Set<Fault>();
	for (let count = random.one([0, 0, 1, 1, 2]); count > 0; count--) {
		chosen.add(random.one(all));
	}
	return procedure === 'config-error' ? ['config-broken', ...chosen] : [...chosen];
};

/** Generates a history; the same seed gives the same one. */
export const generate = (seed: number): Spec => {
	// Neighbouring seeds begin alike.
	const random = createRandom(Math.imul(seed, 0x9e3779b1));
	const { commits, main } = history(random);
	const procedure = random.one([
		...Array<Procedure>(7).fill('rollback-commit'),
		...Array<Procedure>(5).fill('failed-deployment'),
		...Array<Procedure>(3).fill('rollback-image'),
		...Array<Procedure>(2).fill('config-error'),
		'stop-start',
		'stop-undo',
	] as const);
	const envFrom = random.one([
		'none',
		'dotenv-ignored',
		'dotenv-ignored',
		'dotenv-tracked',
		'flag-ignored',
		'flag-tracked',
	] as const);
	const lastDeployed = commits.at(-1) as CommitSpec;
	return {
		seed,
		naming: random.one(['folder', 'folder', 'file', 'dotenv', 'flag'] as const),
		within: random.chance(0.25),
		files: random.one(['one', 'one', 'override', 'two', 'dotenv'] as const),
		secondIgnored: random.chance(0.5),
		envFrom: procedure === 'config-error' ? 'dotenv-ignored' : envFrom,
		envFileIgnored: random.chance(0.6),
		profile: random.chance(0.5),
		secret: random.chance(0.2),
		submodule: random.chance(0.05),
		removeOrphans: random.chance(0.6),
		main: lastDeployed.services.some(({ name }) => name === main) ? main : (lastDeployed.services[0]?.name ?? main),
		commits,
		firstDeployed: procedure === 'rollback-image' || random.chance(0.5),
		faults: faultsOf(random, procedure),
		procedure,
	};
};
