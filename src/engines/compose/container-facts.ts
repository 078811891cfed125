import { aliasFacts, namelessIn, namespace, networkFacts, type ServiceOf } from './network-facts.ts';

/** The kinds of facts about a container. */
export type Aspect =
	| 'image'
	| 'entrypoint'
	| 'command'
	| 'user'
	| 'working directory'
	| 'environment'
	| 'mount'
	| 'port'
	| 'restart policy'
	| 'network mode'
	| 'network'
	| 'alias'
	| 'label'
	| 'setting';

/** One fact about how a container was created. `name` is empty for an aspect that has only one value. */
export interface ContainerFact {
	readonly aspect: Aspect;
	/** Name of a variable, a port of the container (`80/tcp`), a network, an alias (`NETWORK/ALIAS`), a label or a setting, or the destination of a mount. */
	readonly name: string;
	/** The value in words or as JSON; variables unmasked, also secret ones. */
	readonly value: string;
}

/** The facts about how a container was created, for comparison with another container of the same service. */
export interface ContainerFacts {
	readonly id: string;
	/** Container name, without the slash that Docker puts before it. */
	readonly name: string;
	readonly service: string;
	/** The number that Compose gave it within its service. */
	readonly number: string;
	/** True when running, restarting or paused. */
	readonly running: boolean;
	/** True when somebody has paused it (docker pause). */
	readonly paused?: true;
	/** True when it runs, and has never crashed: what serves, or is still at its work. */
	readonly steady: boolean;
	/** ms since the epoch, by the host's clock. */
	readonly createdAt: number;
	/** True when it was created and has never run; `failed`: Docker could not start it. */
	readonly neverStarted?: true | 'failed';
	/** Id of its image: `sha256:…`. */
	readonly image: string;
	/** The image name that it was created from; may be an id. */
	readonly imageName: string;
	/** Compose's hash of its configuration; empty if Compose did not create it. */
	readonly configHash: string;
	/** Compose's note about the services that it depends on; missing if Compose was told to ignore them. */
	readonly dependsOn?: string;
	/** Sorted by aspect and name. */
	/** Networks in which others do not find it by the name of its service. */
	readonly namelessIn: readonly string[];
	readonly facts: readonly ContainerFact[];
}

type Loose = Readonly<Record<string, unknown>>;

const asMapping = (value: unknown): Loose =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Settings of `HostConfig` that change how a container runs, with their defaults. */
const settings: Readonly<Record<string, readonly string[]>> = {
	Privileged: ['false'],
	ReadonlyRootfs: ['false'],
	CapAdd: ['null', '[]'],
	CapDrop: ['null', '[]'],
	SecurityOpt: ['null', '[]'],
	Devices: ['null', '[]'],
	DeviceRequests: ['null', '[]'],
	GroupAdd: ['null', '[]'],
	ExtraHosts: ['null', '[]'],
	Dns: ['null', '[]'],
	Tmpfs: ['null', '{}'],
	Sysctls: ['null', '{}'],
	Ulimits: ['null', '[]'],
	Memory: ['0'],
	MemoryReservation: ['0'],
	NanoCpus: ['0'],
	CpuShares: ['0'],
	CpuQuota: ['0'],
	CpusetCpus: ['""'],
	BlkioWeight: ['0'],
	PidsLimit: ['null', '0', '-1'],
	ShmSize: [],
	Runtime: [],
	LogConfig: [],
	UsernsMode: ['""'],
	UTSMode: ['""'],
};

const anonymous = /^[0-9a-f]{64}$/;

const mountFact = (value: unknown): ContainerFact => {
	const { Type, Name, Source, Destination, RW } = asMapping(value);
	const kind = asText(Type);
	const from =
		kind === 'volume'
			? `${anonymous.test(asText(Name)) ? 'anonymous volume' : 'volume'} ${asText(Name)}`
			: `${kind} ${asText(Source)}`.trim();
	return { aspect: 'mount', name: asText(Destination), value: RW === false ? `${from}, read-only` : from };
};

const portFacts = (bindings: unknown): readonly ContainerFact[] =>
	Object.entries(asMapping(bindings)).map(([name, all]) => ({
		aspect: 'port',
		name,
		value: asList(all)
			.map((one) => {
				const { HostIp, HostPort } = asMapping(one);
				return `${asText(HostIp) === '' ? '' : `${asText(HostIp)}:`}${asText(HostPort)}`;
			})
			.sort()
			.join(', '),
	}));

const environmentFacts = (list: unknown): readonly ContainerFact[] =>
	asList(list).map((one) => {
		const text = asText(one);
		const at = text.indexOf('=');
		return at < 0
			? { aspect: 'environment', name: text, value: '' }
			: { aspect: 'environment', name: text.slice(0, at), value: text.slice(at + 1) };
	});

const policy = (value: unknown): string => {
	const { Name, MaximumRetryCount } = asMapping(value);
	const name = asText(Name) || 'no';
	return name === 'on-failure' && Number(MaximumRetryCount) > 0 ? `${name}:${Number(MaximumRetryCount)}` : name;
};

const settingFacts = (config: Loose, host: Loose, serviceOf: ServiceOf): readonly ContainerFact[] => {
	const setting = (name: string, value: string): ContainerFact => ({ aspect: 'setting', name, value });
	return [
		...Object.entries(settings).flatMap(([name, unset]) => {
			const value = JSON.stringify(host[name] ?? null);
			return value === 'null' || unset.includes(value) ? [] : [setting(name, value)];
		}),
		...['IpcMode', 'PidMode'].flatMap((name) => {
			const mode = asText(host[name]);
			return mode === '' || mode === 'private' || mode === 'shareable'
				? []
				: [setting(name, namespace(mode, serviceOf))];
		}),
		...(config.Healthcheck === undefined || config.Healthcheck === null
			? []
			: [setting('Healthcheck', JSON.stringify(config.Healthcheck))]),
		...['StopSignal', 'StopTimeout'].flatMap((name) =>
			config[name] === undefined || config[name] === null ? [] : [setting(name, JSON.stringify(config[name]))],
		),
	];
};

const byAspectAndName = (a: ContainerFact, b: ContainerFact): number =>
	a.aspect === b.aspect ? (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) : a.aspect < b.aspect ? -1 : 1;

const stateOf = (value: unknown) => {
	const { Status, StartedAt, Error: error } = asMapping(value);
	const status = asText(Status);
	// Docker writes a time that has not come as the year 1.
	return { status, error: asText(error), neverStarted: status === 'created' && asText(StartedAt).startsWith('0001-') };
};

/**
 * Reads one element of the output of `docker inspect`; missing parts give no facts. Never throws.
 *
 * @param serviceOf gives the service of another container by its id: for namespaces that are shared with it
 */
export const containerFacts = (inspect: unknown, serviceOf: ServiceOf = () => undefined): ContainerFacts => {
	const { Id, Name, Image, State, Created, RestartCount, Config, HostConfig, Mounts, NetworkSettings } =
		asMapping(inspect);
	const state = stateOf(State);
	const config = asMapping(Config);
	const host = asMapping(HostConfig);
	const labels = asMapping(config.Labels);
	const dependsOn = asText(labels['com.docker.compose.depends_on']);
	const [project, service] = ['project', 'service'].map((name) => asText(labels[`com.docker.compose.${name}`]));
	const number = asText(labels['com.docker.compose.container-number']) || '1';
	const name = asText(Name).replace(/^\//, '');
	const plainName = name.replace(/^[0-9a-f]{12}_/, '');
	const ownNames = [
		service ?? '',
		name,
		plainName,
		`${project}-${service}-${number}`,
		`${project}_${service}_${number}`,
	];
	const one = (aspect: Aspect, value: string): readonly ContainerFact[] =>
		value === '' || value === 'null' ? [] : [{ aspect, name: '', value }];
	const facts: readonly ContainerFact[] = [
		...one('image', asText(Image)),
		...one('entrypoint', JSON.stringify(config.Entrypoint ?? null)),
		...one('command', JSON.stringify(config.Cmd ?? null)),
		...one('user', asText(config.User)),
		...one('working directory', asText(config.WorkingDir)),
		...one('restart policy', policy(host.RestartPolicy)),
		...environmentFacts(config.Env),
		...asList(Mounts).map(mountFact),
		...portFacts(host.PortBindings),
		...networkFacts(asText(host.NetworkMode), asMapping(NetworkSettings).Networks, serviceOf),
		...aliasFacts(asMapping(NetworkSettings).Networks, { id: asText(Id), names: ownNames }),
		...Object.entries(labels)
			.filter(([name]) => !name.startsWith('com.docker.compose.'))
			.map(([name, value]): ContainerFact => ({ aspect: 'label', name, value: asText(value) })),
		...settingFacts(config, host, serviceOf),
	];
	return {
		id: asText(Id),
		name,
		service: service ?? '',
		number,
		running: ['running', 'restarting', 'paused'].includes(state.status),
		...(state.status === 'paused' && { paused: true as const }),
		steady: state.status === 'running' && (RestartCount ?? 0) === 0,
		createdAt: Date.parse(asText(Created)) || 0,
		...(state.neverStarted && { neverStarted: state.error === '' ? true : 'failed' }),
		image: asText(Image),
		imageName: asText(config.Image),
		configHash: asText(labels['com.docker.compose.config-hash']),
		...(dependsOn !== '' && { dependsOn }),
		namelessIn: namelessIn(asMapping(NetworkSettings).Networks, service ?? ''),
		facts: [...facts].sort(byAspectAndName),
	};
};

/**
 * Reads the output of `docker inspect` for a project's containers, without those of `docker compose run` and those of no service.
 * Text that is no JSON list gives none.
 */
export const allContainerFacts = (json: string): readonly ContainerFacts[] => {
	let all: readonly unknown[];
	try {
		all = asList(JSON.parse(json));
	} catch {
		return [];
	}
	const labelsOf = (value: unknown): Loose => asMapping(asMapping(asMapping(value).Config).Labels);
	const services = new Map(
		all.map((one) => [asText(asMapping(one).Id), asText(labelsOf(one)['com.docker.compose.service'])]),
	);
	const serviceOf = (id: string): string | undefined => services.get(id) || undefined;
	return all
		.filter((one) => labelsOf(one)['com.docker.compose.oneoff'] !== 'True')
		.map((one) => containerFacts(one, serviceOf))
		.filter(({ service, image }) => service !== '' && image !== '');
};

/**
 * Leaves out containers that were recreated by half: where Compose was killed before it gave a new container the name of the old one, two
 * have the same service and number, and the one that runs counts, else the one with the plain name, else the newer one
 * (set_doubles_apart in container-facts.sh).
 */
export const withoutHalfRecreated = (containers: readonly ContainerFacts[]): readonly ContainerFacts[] => {
	const rank = ({ running, name }: ContainerFacts) => (running ? 2 : /^[0-9a-f]{12}_/.test(name) ? 0 : 1);
	const better = (one: ContainerFacts, other: ContainerFacts): boolean =>
		rank(one) === rank(other) ? one.createdAt > other.createdAt : rank(one) > rank(other);
	return containers.filter(
		(one) =>
			!containers.some((other) => other.service === one.service && other.number === one.number && better(other, one)),
	);
};
