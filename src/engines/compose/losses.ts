import { wasBuiltWith } from './build-arguments.ts';
import type { Compared, Loss } from './compared.ts';
import type { ContainerFacts } from './container-facts.ts';
import { givenByLogin } from './given-by-login.ts';
import { givenByHand } from './limits-by-hand.ts';
import type { ComposeModel, ModelService } from './model.ts';
import { asRecord, asText, listOf } from './model-values.ts';
import { heldNetwork } from './network-facts.ts';
import { mountsThatChange, mountsThatGo, valuesOf } from './settings.ts';

/** Lists what a container has that a new one made from the files would not have. */
export const lossesOf = (facts: ContainerFacts, service: ModelService, compared: Compared): readonly Loss[] => {
	const { unset, after } = compared;
	const environment = valuesOf(facts, 'environment');
	const emptied = Object.entries(service.environment)
		.filter(([name, value]) => value === '' && (environment.get(name) ?? '') !== '')
		.map(([name]) => ({
			name: `${service.name}:environment:${name}`,
			reason: `variable ${name} of ${service.name} would become empty${unset.length === 0 ? '' : ` (nothing sets ${unset.join(', ')})`}`,
		}));
	const mounts = mountsThatGo(facts, service, after).map(([target, from]) => ({
		name: `${service.name}:mount:${target}`,
		reason: `${from} would no longer be mounted at ${target} of ${service.name}`,
	}));
	return [
		...emptied,
		...variablesThatGo(facts, service, compared),
		...mounts,
		...otherVolumes(facts, service, after),
		...emptiedMounts(facts, service, compared),
		...networksThatGo(facts, service, compared),
		...namesThatGo(facts, service, compared),
		...givenByHand(facts, service, compared),
		...incomplete(facts, service, compared),
		...givenByLogin(facts, service, compared),
		...(facts.paused === true
			? [
					{
						name: `${service.name}:paused`,
						reason: `somebody has paused ${service.name} (docker pause), and its new container would run`,
					},
				]
			: []),
	];
};

/** What Podman adds to the environment of every container, and lists as the container's own (podman-run(1), "Environment"). */
const setByPodman: readonly string[] = ['container', 'HOME', 'HOSTNAME', 'TERM'];
/** The values of `container` that tell a container of Podman. */
const podmans: ReadonlySet<string> = new Set(['podman', 'oci']);

/**
 * Lists variables that no file sets any more: those of an env file that is gone and may be missing (`required: false`), and those that the
 * files take from the login, which had them then. What only the files of now set is the chosen version's to leave out.
 */
const variablesThatGo = (facts: ContainerFacts, service: ModelService, { now, images }: Compared): readonly Loss[] => {
	const before = now?.services.find(({ name }) => name === service.name);
	const image = images.find(({ id }) => id === facts.image);
	if (before === undefined || image === undefined) {
		return [];
	}
	const isUnset = (name: string, { environment }: ModelService) => (environment[name] ?? undefined) === undefined;
	const environment = valuesOf(facts, 'environment');
	const isPodmans = podmans.has(environment.get('container') ?? '');
	return [...environment]
		.filter(([name]) => !(isPodmans && setByPodman.includes(name)))
		.filter(
			([name, value]) => value !== '' && isUnset(name, service) && !image.environment.includes(`${name}=${value}`),
		)
		.filter(([name]) => service.environment[name] === null || isUnset(name, before))
		.map(([name]) => ({
			name: `${service.name}:environment:${name}`,
			reason: `variable ${name} of ${service.name} would be gone: nothing sets it any more`,
		}));
};

/** Lists networks that somebody has connected by hand, as those of a proxy are: no file knows them, so a new container would not have them. */
const networksThatGo = (facts: ContainerFacts, service: ModelService, { now, after }: Compared): readonly Loss[] => {
	const before = now?.services.find(({ name }) => name === service.name);
	if (now === undefined || before === undefined) {
		return [];
	}
	const named = (model: ComposeModel, keys: readonly string[]) =>
		model.networks.filter(({ key }) => keys.includes(key)).map(({ name }) => name);
	const known = new Set([...named(now, before.networks), ...named(after, service.networks), heldNetwork]);
	return [...valuesOf(facts, 'network').keys()]
		.filter((name) => !known.has(name))
		.map((name) => ({
			name: `${service.name}:network:${name}`,
			reason: `network ${name}, which no file gives to ${service.name}, would no longer be connected to it`,
		}));
};

/**
 * Lists the names and addresses that somebody has given a container in a network of its files (docker network connect with --alias and --ip).
 * Those in other networks go with the network.
 */
const namesThatGo = (facts: ContainerFacts, service: ModelService, { now, after }: Compared): readonly Loss[] => {
	const before = now?.services.find(({ name }) => name === service.name);
	if (now === undefined || before === undefined) {
		return [];
	}
	const ownNames = [before.containerName, service.containerName];
	return networksOf(service, after).flatMap((then) => {
		const { network } = then;
		const given = [then, ...networksOf(before, now).filter((one) => one.network === network)];
		const address = valuesOf(facts, 'network').get(network) ?? '';
		const aliases = [...valuesOf(facts, 'alias').keys()]
			.filter((name) => name.startsWith(`${network}/`))
			.map((name) => name.slice(network.length + 1))
			.filter((alias) => !ownNames.includes(alias) && !given.some((one) => one.aliases.includes(alias)));
		return [
			...aliases.map((alias) => ({
				name: `${service.name}:alias:${alias}`,
				reason: `others in the network ${network} would no longer find ${service.name} as ${alias}, an alias that no file gives it`,
			})),
			...(address === '' || given.some(({ hasAddress }) => hasAddress)
				? []
				: [
						{
							name: `${service.name}:address:${network}`,
							reason: `${service.name} would no longer have the address ${address} in the network ${network}, which no file gives it`,
						},
					]),
		];
	});
};

/** Returns what the files say of a service in each of its networks, by the network's name in Docker. */
const networksOf = (service: ModelService, { networks }: ComposeModel) =>
	networks
		.filter(({ key }) => service.networks.includes(key))
		.map(({ key, name }) => {
			const { aliases, ipv4_address, ipv6_address } = asRecord(asRecord(service.raw.networks)[key]);
			const hasAddress = [ipv4_address, ipv6_address].some((one) => asText(one) !== undefined);
			return { network: name, aliases: listOf(aliases), hasAddress };
		});

/** Returns the names whose values differ. */
const differingNames = <T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>): readonly string[] =>
	[...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
		(name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
	);

/**
 * True for the build arguments that Docker gives every build, as a proxy for what it fetches: no part of the image is made of them
 * (Dockerfile reference, "Predefined ARGs"), and most owners set them nowhere.
 */
const isProxy = (name: string): boolean => /^(?:http|https|ftp|no|all)_proxy$/i.test(name);

/**
 * Lists what would be made without a part of its text: with a variable that nothing sets any more, which the login that started the containers
 * had. What a container, or the history of its image, has in the same form was made without it as well.
 */
const incomplete = (facts: ContainerFacts, service: ModelService, compared: Compared): readonly Loss[] => {
	const marked = compared.marked?.services.find(({ name }) => name === service.name);
	if (marked === undefined) {
		return [];
	}
	const without = `without ${compared.unset.join(', ')}, which nothing sets`;
	const loss = (aspect: string, name: string, what: string): Loss => ({
		name: `${service.name}:${aspect}:${name}`,
		reason: `${what} of ${service.name} would be made ${without}`,
	});
	const has = (aspect: 'environment' | 'label', name: string, value: string | null | undefined) =>
		valuesOf(facts, aspect).get(name) === (value ?? '');
	return [
		...differingNames(service.environment, marked.environment)
			.filter((name) => service.environment[name] !== '' && valuesOf(facts, 'environment').has(name))
			.filter((name) => !has('environment', name, service.environment[name]))
			.map((name) => loss('environment', name, `variable ${name}`)),
		...differingNames(service.labels, marked.labels)
			.filter((name) => !has('label', name, service.labels[name]))
			.map((name) => loss('label', name, `label ${name}`)),
		...(compared.rebuilds && service.build !== undefined && marked.build !== undefined
			? differingNames(service.build.args, marked.build.args)
					.filter((name) => !isProxy(name))
					.filter((name) => !wasBuiltWith(compared.histories?.get(facts.image) ?? [], name, service.build?.args[name]))
					.map((name) => loss('build-argument', name, `build argument ${name}`))
			: []),
		// Compose's hash proves that the container was made of the same text.
		...(compared.fits.has(service.name)
			? []
			: differingNames(service.raw, marked.raw)
					.filter((name) => !['environment', 'labels', 'build'].includes(name))
					.filter(
						(name) =>
							name !== 'command' || valuesOf(facts, 'command').get('') !== JSON.stringify(service.command ?? null),
					)
					.map((name) => loss('setting', name, `setting ${name}`))),
	];
};

/** Lists what a new container would mount and is not on the host. */
export const absentMounts = (service: ModelService, { absent }: Compared): readonly Loss[] =>
	service.mounts
		.filter(({ type, source }) => type === 'bind' && source !== undefined && absent.has(source))
		.map(({ source, target }) => ({
			name: `${service.name}:mount:${target}`,
			reason: `there is no ${source} on the host, which ${service.name} would have at ${target}: it would get an empty folder there, or not start`,
		}));

/** Lists what a container has of a folder that is another one now, and empty: a new container would begin with nothing. */
const emptiedMounts = (facts: ContainerFacts, service: ModelService, { emptied }: Compared): readonly Loss[] =>
	service.mounts
		.filter(({ type, target }) => type === 'bind' && emptied.has(`${facts.id}\t${target}`))
		.map(({ source, target }) => ({
			name: `${service.name}:mount:${target}`,
			reason: `${source} is an empty folder on the host now, and not what ${service.name} still has at ${target}: a disk may not be mounted there any more`,
		}));

/** Lists volumes in whose place something else would be mounted: what was written to them since would not be there. */
const otherVolumes = (facts: ContainerFacts, service: ModelService, after: ComposeModel): readonly Loss[] =>
	mountsThatChange(facts, service, after)
		.filter(({ before }) => before.startsWith('volume '))
		.map(({ target, before, then }) => ({
			name: `${service.name}:mount:${target}`,
			reason: `${before} would no longer be mounted at ${target} of ${service.name}: ${then} would`,
		}));

/** Lists containers that run and would not afterwards: added by hand (`--scale`), or more than the new files have. */
export const scaledDown = ({ after, containers }: Compared, anew: ReadonlyMap<string, unknown>): readonly Loss[] =>
	after.services.flatMap(({ name, replicas }) => {
		const running = containers.filter((facts) => facts.service === name && facts.running).length;
		return anew.has(name) && running > replicas
			? [
					{
						name: `${name}:replicas:${replicas}`,
						reason: `${running} containers of ${name} run, but the new Compose files say ${replicas}`,
					},
				]
			: [];
	});
