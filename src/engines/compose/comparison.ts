import type { ContainerFact, ContainerFacts } from './container-facts.ts';
import type { ComposeModel, ModelService } from './model.ts';

/** What happens to a service's containers when a plan runs. */
export interface ServiceChange {
	readonly service: string;
	/**
	 * `recreate`: made anew; `create`: there is none now; `stop`: the service is not part of the deployment any more;
	 * `keep`: nothing.
	 */
	readonly action: 'recreate' | 'create' | 'stop' | 'keep';
	/** It runs now, and is not there for a while. */
	readonly interrupted: boolean;
	/** It stands still now, as nobody but an operator does it, and so it does afterwards. */
	readonly staysStopped: boolean;
	/** Why, in words, one line each: what differs. */
	readonly why: readonly string[];
}

/** A change that nobody asked for, and that loses something. It is refused, unless its name is allowed. */
export interface Loss {
	/** `SERVICE:ASPECT:NAME`, as it is allowed. */
	readonly name: string;
	readonly reason: string;
}

export interface ImageFacts {
	readonly id: string;
	readonly tags: readonly string[];
	/** `NAME=VALUE`. */
	readonly environment: readonly string[];
}

export interface Compared {
	readonly containers: readonly ContainerFacts[];
	readonly images: readonly ImageFacts[];
	/** Compose's model of the files as they are; undefined where it cannot be read. */
	readonly now: ComposeModel | undefined;
	/** Services whose containers are as Compose would make them of the files as they are. */
	readonly fits: ReadonlySet<string>;
	/** The model of the files as they will be; the same object where they do not change. */
	readonly then: ComposeModel;
	/** Variables that the files as they will be use and nothing sets: Compose takes an empty text. */
	readonly unset: readonly string[];
	/** The files that differ, absolute paths: of a commit, or the one that is put back. */
	readonly changedFiles: readonly string[];
	/** Everything is built from another commit. */
	readonly rebuilds: boolean;
	/** The id of an image that a name stands for afterwards, where a plan gives the name to it. */
	readonly retagged?: { readonly name: string; readonly id: string };
	/** Services that are made anew whatever differs. */
	readonly always: readonly string[];
	/** The service that the deployment is about. It is started, however it stands now. */
	readonly main: string;
}

export interface Comparison {
	readonly changes: readonly ServiceChange[];
	readonly losses: readonly Loss[];
}

const of = (facts: ContainerFacts, aspect: ContainerFact['aspect']): ReadonlyMap<string, string> =>
	new Map(facts.facts.filter((fact) => fact.aspect === aspect).map(({ name, value }) => [name, value]));

/** The id of the image that a service's name stands for now; undefined where there is none on the host. */
const imageOf = ({ images, retagged }: Compared, name: string): string | undefined => {
	if (retagged !== undefined && withTag(retagged.name) === withTag(name)) {
		return retagged.id;
	}
	return images.find(({ id, tags }) => id === name || tags.some((tag) => withTag(tag) === withTag(name)))?.id;
};

/** As Docker completes the name of an image: the tag `latest`, the registry's default names left out. */
export const withTag = (name: string): string => {
	const bare = name.replace(/^docker\.io\//, '').replace(/^library\//, '');
	return /@sha256:/.test(bare) || /:[^/]+$/.test(bare) ? bare : `${bare}:latest`;
};

/** Only an operator stops a container that Docker would start again; one that ended by itself is started. */
const stoppedByHand = (facts: ContainerFacts): boolean => {
	const [policy = 'no'] = (of(facts, 'restart policy').get('') ?? 'no').split(':');
	return !facts.running && ['always', 'unless-stopped'].includes(policy);
};

/** What differs between a container and what Compose would make of its service, in words without the values of variables. */
const settingsThatDiffer = (facts: ContainerFacts, service: ModelService, compared: Compared): readonly string[] => {
	const image = compared.images.find(({ id }) => id === facts.image);
	const ofImage = new Set(image?.environment ?? []);
	const environment = of(facts, 'environment');
	const wanted = new Map(Object.entries(service.environment).filter(([, value]) => value !== null));
	const names = new Set([...environment.keys(), ...wanted.keys()]);
	const variables = [...names].sort().flatMap((name) => {
		const [before, after] = [environment.get(name), wanted.get(name)];
		if (before === after || (after === undefined && ofImage.has(`${name}=${before}`))) {
			return [];
		}
		return before === undefined
			? [`variable ${name} is new`]
			: after === undefined
				? [`variable ${name} goes`]
				: [`variable ${name} changes${after === '' ? ' to an empty text' : ''}`];
	});
	const [policy = 'no'] = (of(facts, 'restart policy').get('') ?? 'no').split(':');
	const ports = (list: readonly string[]) => [...list].sort().join(', ');
	const portsNow = ports([...of(facts, 'port')].map(([name, value]) => `${value.replace(/^.*:/, '')}→${name}`));
	const portsThen = ports(
		service.ports
			.filter(({ published }) => published !== undefined)
			.map((port) => `${port.published}→${port.target}/${port.protocol}`),
	);
	return [
		...variables,
		...(policy === service.restart ? [] : [`restart policy: ${policy}, then ${service.restart}`]),
		...(portsNow === portsThen || portsThen.includes('-')
			? []
			: [`ports: ${portsNow || 'none'}, then ${portsThen || 'none'}`]),
		...mountsThatDiffer(facts, service),
		...(service.command === undefined || JSON.stringify(service.command) === of(facts, 'command').get('')
			? []
			: ['its command changes']),
	];
};

const mountsThatDiffer = (facts: ContainerFacts, service: ModelService): readonly string[] => {
	const now = of(facts, 'mount');
	const then = new Set(service.mounts.map(({ target }) => target.replace(/(?<=.)\/+$/, '')));
	return [
		...[...now]
			.filter(([target, from]) => !then.has(target) && !isIncidental(from))
			.map(([target, from]) => `mount ${target} goes (${from})`),
		...[...then]
			.filter(
				(target) =>
					!now.has(target) && service.mounts.some((mount) => mount.target === target && mount.type !== 'tmpfs'),
			)
			.map((target) => `mount ${target} is new`),
	];
};

/** An anonymous volume is the image's own, a tmpfs holds nothing, and a config or secret is Compose's own file. */
const isIncidental = (from: string): boolean => /^(anonymous volume|tmpfs|bind .*\/run\/secrets\/)/.test(from);

/** What a container has that the one made of the files would not have, and that is lost with it. */
const lossesOf = (facts: ContainerFacts, service: ModelService, { unset }: Compared): readonly Loss[] => {
	const environment = of(facts, 'environment');
	const emptied = Object.entries(service.environment)
		.filter(([name, value]) => value === '' && (environment.get(name) ?? '') !== '')
		.map(([name]) => ({
			name: `${service.name}:environment:${name}`,
			reason: `variable ${name} of ${service.name} would become empty${unset.length === 0 ? '' : ` (nothing sets ${unset.join(', ')})`}`,
		}));
	const targets = new Set([
		...service.mounts.map(({ target }) => target.replace(/(?<=.)\/+$/, '')),
		...[...service.configs, ...service.secrets],
	]);
	const mounts = [...of(facts, 'mount')]
		.filter(([target, from]) => !targets.has(target) && !isIncidental(from) && !isOfModel(service, target))
		.map(([target, from]) => ({
			name: `${service.name}:mount:${target}`,
			reason: `${from} would not be mounted at ${target} of ${service.name} any more`,
		}));
	return [...emptied, ...mounts];
};

/** Configs and secrets are bind mounts of files, whose targets are in what Compose printed of them. */
const isOfModel = ({ raw }: ModelService, target: string): boolean => {
	const text = JSON.stringify([raw.configs, raw.secrets]);
	const last = target.split('/').at(-1) ?? target;
	return (
		text.includes(JSON.stringify(target)) || (target.startsWith('/run/secrets/') && text.includes(JSON.stringify(last)))
	);
};

const sameSettings = (a: ModelService | undefined, b: ModelService): boolean =>
	a !== undefined && JSON.stringify(withoutBuild(a.raw)) === JSON.stringify(withoutBuild(b.raw));

/** What Compose leaves out of its hash: how an image is built, whom a service waits for, how many there are. */
const withoutBuild = (raw: ModelService['raw']): unknown => {
	const { build: _, depends_on: __, pull_policy: ___, profiles: ____, scale: _____, ...rest } = raw;
	const deploy =
		typeof rest.deploy === 'object' && rest.deploy !== null ? { ...rest.deploy, replicas: undefined } : undefined;
	return {
		...rest,
		deploy:
			deploy === undefined ||
			Object.values(deploy).every((value) => value === undefined || JSON.stringify(value) === '{}')
				? undefined
				: deploy,
	};
};

const isBelow = (file: string, folder: string): boolean =>
	file === folder || file.startsWith(`${folder.replace(/\/+$/, '')}/`);

/** Why a service's containers would not be the same if Compose made them from the files as they will be. */
const reasonsOf = (
	service: ModelService,
	containers: readonly ContainerFacts[],
	compared: Compared,
): readonly string[] => {
	const { now, rebuilds, always } = compared;
	const before = now?.services.find(({ name }) => name === service.name);
	const builds = rebuilds && service.build !== undefined;
	const image = builds ? undefined : imageOf(compared, service.imageName);
	const other = containers.find((facts) => image !== undefined && facts.image !== image);
	const mounted = changedMounts(service, compared);
	const fits = sameSettings(before, service) && compared.fits.has(service.name);
	const differing = containers.flatMap((facts) => settingsThatDiffer(facts, service, compared));
	return [
		...new Set([
			...(builds ? ['its image is of the chosen commit'] : []),
			...(other === undefined ? [] : [`image ${short(other.image)}, then ${short(image ?? '')}`]),
			...(image === undefined && !builds && before?.imageName !== service.imageName
				? [`image ${before?.imageName ?? 'unknown'}, then ${service.imageName}`]
				: []),
			...(fits || (differing.length === 0 && (now === undefined || other !== undefined || builds))
				? []
				: differing.length > 0
					? differing
					: ['its settings differ from those that it was made with']),
			...(mounted.length === 0
				? []
				: [`it mounts what changes: ${mounted.slice(0, 3).join(', ')}${mounted.length > 3 ? ' …' : ''}`]),
			...(always.includes(service.name) ? ['it is made anew'] : []),
		]),
	];
};

const changedMounts = (service: ModelService, { changedFiles }: Compared): readonly string[] =>
	service.mounts
		.filter(({ type, source }) => type === 'bind' && source !== undefined)
		.flatMap(({ source = '' }) => changedFiles.filter((file) => isBelow(file, source)))
		.map((file) => file.split('/').at(-1) ?? file);

/**
 * Whether what the plan chooses changes a service. Where no commit is chosen, a service that differs from the files already is
 * left as it is: nobody asked for that.
 */
const isAskedFor = (service: ModelService, containers: readonly ContainerFacts[], compared: Compared): boolean => {
	const { now, rebuilds, retagged, always } = compared;
	const before = now?.services.find(({ name }) => name === service.name);
	return (
		rebuilds ||
		always.includes(service.name) ||
		(retagged !== undefined &&
			withTag(retagged.name) === withTag(service.imageName) &&
			containers.some(({ image }) => image !== retagged.id)) ||
		!sameSettings(before, service) ||
		changedMounts(service, compared).length > 0
	);
};

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** Services that use a namespace or the volumes of one that is made anew, and theirs in turn. */
const withSharers = (
	services: readonly ModelService[],
	changed: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly string[]> => {
	const all = new Map(changed);
	for (let more = true; more; ) {
		more = false;
		for (const { name, shares } of services) {
			const with_ = shares.find((other) => all.has(other));
			if (with_ !== undefined && !all.has(name)) {
				all.set(name, [`it uses the network or volumes of ${with_}`]);
				more = true;
			}
		}
	}
	return all;
};

/**
 * Compares the containers as they are with what Compose would make of the files as they will be. Pure.
 *
 * Every service of the new model is in `changes`, and each service that has containers and is not in it. Only a service
 * that is made anew can lose something.
 */
export const compare = (compared: Compared): Comparison => {
	const { containers, then, now, main } = compared;
	const made = (service: string) => containers.filter((facts) => facts.service === service);
	const there = then.services.filter(({ name }) => made(name).length > 0);
	const reasons = new Map(
		there
			.map((service) => [service.name, reasonsOf(service, made(service.name), compared)] as const)
			.filter(([, why]) => why.length > 0),
	);
	const asked = new Set(
		there.filter((service) => isAskedFor(service, made(service.name), compared)).map(({ name }) => name),
	);
	const anew = withSharers(then.services, new Map([...reasons].filter(([name]) => asked.has(name))));
	const changes = then.services.map((service): ServiceChange => {
		const mine = made(service.name);
		if (mine.length === 0) {
			return {
				service: service.name,
				action: service.replicas === 0 ? 'keep' : 'create',
				interrupted: false,
				staysStopped: false,
				why: service.replicas === 0 ? [] : ['it has no container now'],
			};
		}
		const why = anew.get(service.name);
		const drift = reasons.has(service.name) ? ['it differs from the files already, and stays as it is'] : [];
		return {
			service: service.name,
			action: why === undefined ? 'keep' : 'recreate',
			interrupted: why !== undefined && mine.some(({ running }) => running),
			staysStopped: service.name !== main && mine.every(stoppedByHand),
			why: why ?? drift,
		};
	});
	const known = new Set(then.services.map(({ name }) => name));
	const left = [...new Set(containers.map(({ service }) => service))].filter(
		(service) => !known.has(service) && (now === undefined || now.services.some(({ name }) => name === service)),
	);
	return {
		changes: [
			...changes,
			...left.map(
				(service): ServiceChange => ({
					service,
					action: 'stop',
					interrupted: made(service).some(({ running }) => running),
					staysStopped: false,
					why: ['the deployment does not have it afterwards; its container is stopped and kept'],
				}),
			),
		],
		losses: then.services
			.filter(({ name }) => anew.has(name))
			.flatMap((service) => made(service.name).flatMap((facts) => lossesOf(facts, service, compared)))
			.filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index)
			.concat(scaledDown(compared, anew)),
	};
};

/** Containers that were added by hand (`--scale`) and that Compose would remove. */
const scaledDown = ({ then, containers }: Compared, anew: ReadonlyMap<string, unknown>): readonly Loss[] =>
	then.services.flatMap(({ name, replicas }) => {
		const running = containers.filter((facts) => facts.service === name && facts.running).length;
		return anew.has(name) && running > replicas
			? [
					{
						name: `${name}:replicas:${replicas}`,
						reason: `${running} containers of ${name} run, and the Compose file says ${replicas}`,
					},
				]
			: [];
	});
