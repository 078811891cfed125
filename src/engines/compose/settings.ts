import type { Compared } from './compared.ts';
import type { ContainerFact, ContainerFacts } from './container-facts.ts';
import type { ComposeModel, ModelService } from './model.ts';
import { mountSources, mountTargets } from './mounted.ts';

/** Returns the values of one aspect, by name. */
export const valuesOf = (facts: ContainerFacts, aspect: ContainerFact['aspect']): ReadonlyMap<string, string> =>
	new Map(facts.facts.filter((fact) => fact.aspect === aspect).map(({ name, value }) => [name, value]));

const podmansPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** True for a variable that Podman gives every container, and shows among those that its creator gave. */
const isPodmans = (environment: ReadonlyMap<string, string>, name: string): boolean =>
	['podman', 'oci'].includes(environment.get('container') ?? '') &&
	(['container', 'HOME', 'HOSTNAME', 'TERM'].includes(name) || `${name}=${environment.get(name)}` === podmansPath);

const isContainer = (one: ContainerFacts | ModelService): one is ContainerFacts => 'facts' in one;

/** Returns the published ports of a container, or of a service, on one line: `8080→80/tcp`. */
export const publishedPorts = (one: ContainerFacts | ModelService): string =>
	(isContainer(one)
		? [...valuesOf(one, 'port')].map(([name, value]) => `${value.replace(/^.*:/, '')}→${name}`)
		: one.ports
				.filter(({ published }) => published !== undefined)
				.map((port) => `${port.published}→${port.target}/${port.protocol}`)
	)
		.sort()
		.join(', ');

/** Returns the restart policy of a container, without its number of attempts. */
export const restartPolicy = (facts: ContainerFacts): string =>
	(valuesOf(facts, 'restart policy').get('') ?? 'no').split(':')[0] || 'no';

/** Lists how a container differs from what Compose would create for its service, in words without the values of variables. */
export const settingsThatDiffer = (
	facts: ContainerFacts,
	service: ModelService,
	compared: Compared,
): readonly string[] => {
	const image = compared.images.find(({ id }) => id === facts.image);
	const ofImage = new Set(image?.environment ?? []);
	const environment = valuesOf(facts, 'environment');
	const wanted = new Map(Object.entries(service.environment).filter(([, value]) => value !== null));
	const names = new Set([...environment.keys(), ...wanted.keys()]);
	const variables = [...names].sort().flatMap((name) => {
		const [before, after] = [environment.get(name), wanted.get(name)];
		const isGiven = () => ofImage.has(`${name}=${before}`) || isPodmans(environment, name);
		if (before === after || (after === undefined && isGiven())) {
			return [];
		}
		return before === undefined
			? [`variable ${name} is new`]
			: after === undefined
				? [`variable ${name} goes`]
				: [`variable ${name} changes${after === '' ? ' to an empty text' : ''}`];
	});
	const policy = restartPolicy(facts);
	const [portsNow, portsThen] = [publishedPorts(facts), publishedPorts(service)];
	return [
		...variables,
		...(policy === service.restart ? [] : [`restart policy: ${policy}, then ${service.restart}`]),
		...(portsNow === portsThen || portsThen.includes('-')
			? []
			: [`ports: ${portsNow || 'none'}, then ${portsThen || 'none'}`]),
		...mountsThatDiffer(facts, service, compared),
		...(service.command === undefined || JSON.stringify(service.command) === valuesOf(facts, 'command').get('')
			? []
			: ['its command changes']),
	];
};

/**
 * True when a container shares a namespace of a container that is gone, or not the one its service names: Docker can no longer start it.
 */
export const sharesNoMore = (facts: ContainerFacts, { networkMode, shares }: ModelService): boolean => {
	const mode = valuesOf(facts, 'network mode').get('');
	return (
		shares.length > 0 &&
		((networkMode?.startsWith('service:') === true && mode !== networkMode) ||
			(networkMode?.startsWith('container:') === true && !shares.some((name) => mode === `service:${name}`)))
	);
};

/**
 * Says which networks of a service its container is not connected to, and in which others do not find it by the service's name: somebody has
 * disconnected it, and maybe connected it again. Compose does not see that.
 */
export const networkTrouble = (
	facts: ContainerFacts,
	{ networks, networkMode }: ModelService,
	after: ComposeModel,
): readonly string[] => {
	const has = valuesOf(facts, 'network');
	return networkMode !== undefined
		? []
		: after.networks
				.filter(({ key }) => networks.includes(key))
				.flatMap(({ name }) =>
					!has.has(name)
						? [`it is not connected to the network ${name}`]
						: facts.namelessIn.includes(name)
							? [`others in the network ${name} do not find it by its name`]
							: [],
				);
};

/** Lists the paths at which a new container would have another volume, or another folder of the host. */
export const mountsThatChange = (
	facts: ContainerFacts,
	service: ModelService,
	after: ComposeModel,
): readonly { readonly target: string; readonly before: string; readonly then: string }[] => {
	const sources = mountSources(service, after);
	return [...valuesOf(facts, 'mount')].flatMap(([target, value]) => {
		const before = value.replace(/, read-only$/, '');
		const then = sources.get(target);
		return then === undefined || then === before || !/^(bind|volume) /.test(before) ? [] : [{ target, before, then }];
	});
};

/** Says at which paths a new container would have another volume, or another folder of the host. */
const mountsInWords = (...change: Parameters<typeof mountsThatChange>): readonly string[] =>
	mountsThatChange(...change).map(({ target, before, then }) => `mount ${target}: ${before}, then ${then}`);

/** The same for volumes alone. Compose's hash has the key of a volume, and not its name. */
export const volumesInWords = (...change: Parameters<typeof mountsThatChange>): readonly string[] =>
	mountsInWords(...change).filter((words) => /: volume .*, then volume /.test(words));

/** Lists what a container has mounted where a new one would have nothing: the path, and what is there. */
export const mountsThatGo = (
	facts: ContainerFacts,
	service: ModelService,
	after: ComposeModel,
): readonly (readonly [string, string])[] => {
	const targets = mountTargets(service, after);
	return [...valuesOf(facts, 'mount')].filter(
		([target, from]) => targets?.has(target) === false && !isIncidental(from),
	);
};

const mountsThatDiffer = (facts: ContainerFacts, service: ModelService, { after }: Compared): readonly string[] => {
	const now = valuesOf(facts, 'mount');
	return [
		...mountsThatGo(facts, service, after).map(([target, from]) => `mount ${target} goes (${from})`),
		...service.mounts
			.filter(({ target, type }) => !now.has(target) && type !== 'tmpfs')
			.map(({ target }) => `mount ${target} is new`),
		...mountsInWords(facts, service, after),
	];
};

/**
 * True for mounts without data of their own: an anonymous volume is the image's, a tmpfs is empty, a config or secret is Compose's file.
 */
export const isIncidental = (from: string): boolean => /^(anonymous volume|tmpfs|bind .*\/run\/secrets\/)/.test(from);
