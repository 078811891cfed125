import { get } from 'node:http';

/** The engine's facts about one container of a Compose project, in a form that stays the same when it is recreated. */
export interface ContainerFacts {
	readonly id: string;
	readonly project: string;
	readonly service: string;
	readonly number: string;
	readonly image: string;
	/** The label `test.version` of its image: which commit the image was built from. */
	readonly version: string;
	readonly env: readonly string[];
	readonly command: string;
	readonly mounts: readonly string[];
	readonly ports: readonly string[];
	readonly policy: string;
	/** `service:NAME` where it uses the network of another container, `gone` where that container is not there any more. */
	readonly networks: readonly string[];
	/** `up` also while it crashes and is started again. */
	readonly state: string;
	/** True when it has ended and waits for its restart: it crashes. */
	readonly restarting: boolean;
	readonly startedAt: string;
	readonly restarts: number;
	readonly configHash: string;
	readonly configFiles: string;
}

interface Inspected {
	Id: string;
	Image: string;
	RestartCount: number;
	State: { Status: string; Running: boolean; Restarting: boolean; ExitCode: number; StartedAt: string };
	Config: { Env: string[] | null; Cmd: string[] | null; Entrypoint: string[] | null; Labels: Record<string, string> };
	HostConfig: {
		NetworkMode: string;
		PortBindings: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
		RestartPolicy: { Name: string; MaximumRetryCount: number };
	};
	Mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[];
	NetworkSettings: { Networks: Record<string, unknown> | null };
}

type Env = Record<string, string | undefined>;

const label = 'com.docker.compose.';

const networksOf = (item: Inspected, all: readonly Listed[]): readonly string[] => {
	const mode = item.HostConfig.NetworkMode;
	if (mode.startsWith('container:')) {
		const other = all.find(({ Id }) => Id === mode.slice('container:'.length));
		return [other === undefined ? 'gone' : `service:${other.Labels[`${label}service`]}`];
	}
	return Object.keys(item.NetworkSettings.Networks ?? {}).sort();
};

const factsOf = (item: Inspected, all: readonly Listed[], versions: ReadonlyMap<string, string>): ContainerFacts => ({
	id: item.Id,
	project: item.Config.Labels[`${label}project`] ?? '',
	service: item.Config.Labels[`${label}service`] ?? '',
	number: item.Config.Labels[`${label}container-number`] ?? '',
	image: item.Image,
	version: versions.get(item.Image) ?? '',
	env: (item.Config.Env ?? []).toSorted(),
	command: JSON.stringify([item.Config.Entrypoint, item.Config.Cmd]),
	mounts: item.Mounts.map(
		({ Type, Name, Source, Destination, RW }) => `${Type} ${Name ?? Source} ${Destination} ${RW ? 'rw' : 'ro'}`,
	).toSorted(),
	ports: Object.entries(item.HostConfig.PortBindings ?? {})
		.map(([port, hosts]) => `${(hosts ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`).join()}->${port}`)
		.toSorted(),
	policy: `${item.HostConfig.RestartPolicy.Name || 'no'}:${item.HostConfig.RestartPolicy.MaximumRetryCount}`,
	networks: networksOf(item, all),
	state: item.State.Running || item.State.Restarting ? 'up' : `${item.State.Status} ${item.State.ExitCode}`,
	restarting: item.State.Restarting,
	startedAt: item.State.StartedAt,
	restarts: item.RestartCount,
	configHash: item.Config.Labels[`${label}config-hash`] ?? '',
	configFiles: item.Config.Labels[`${label}project.config_files`] ?? '',
});

/** Asks the engine's API, for a client costs more than the answer. Undefined where there is no such thing (any more). */
const ask = <T>({ DOCKER_HOST: host = '' }: Env, path: string): Promise<T | undefined> =>
	new Promise((resolve, reject) => {
		get({ socketPath: host.replace(/^unix:\/\//, ''), path, headers: { connection: 'close' } }, (answer) => {
			let text = '';
			answer.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			answer.on('error', reject).on('end', () => {
				if (answer.statusCode === 404) {
					resolve(undefined);
				} else if (answer.statusCode === 200) {
					resolve(JSON.parse(text) as T);
				} else {
					reject(new Error(`${path}: ${answer.statusCode} ${text}`));
				}
			});
		}).on('error', reject);
	});

interface Listed {
	readonly Id: string;
	readonly Labels: Record<string, string>;
}

/**
 * The containers that Compose made whose project or folder has `token` in it: those of a deployment, and of a second one
 * that was started beside it by mistake. Those of `run` are not counted.
 */
export const containersOf = async (env: Env, token: string): Promise<readonly ContainerFacts[]> => {
	const all = (await ask<Listed[]>(env, '/containers/json?all=1')) ?? [];
	const listed = all.filter(({ Labels: labels }) => {
		// A container that only keeps an image has the labels that Compose gave the image: but not these.
		const made = labels[`${label}config-hash`] !== undefined && labels[`${label}oneoff`] === 'False';
		return made && `${labels[`${label}project`]} ${labels[`${label}project.working_dir`]}`.includes(token);
	});
	const inspected = await Promise.all(listed.map(({ Id }) => ask<Inspected>(env, `/containers/${Id}/json`)));
	const mine = inspected.filter((item) => item !== undefined);
	const versions = new Map(
		await Promise.all(
			[...new Set(mine.map(({ Image }) => Image))].map(async (id) => {
				const image = await ask<{ Config: { Labels: Record<string, string> | null } }>(env, `/images/${id}/json`);
				return [id, image?.Config.Labels?.['test.version'] ?? ''] as const;
			}),
		),
	);
	return mine.map((item) => factsOf(item, all, versions)).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
};

/** `project/service-number`. */
export const nameOf = ({ project, service, number }: ContainerFacts): string => `${project}/${service}-${number}`;

/** The names of images with `token` in them, and the id that each stands for; names that only keep an image are left out. */
export const imageNames = async (env: Env, token: string): Promise<Readonly<Record<string, string>>> => {
	const images = (await ask<{ Id: string; RepoTags: string[] | null }[]>(env, '/images/json')) ?? [];
	return Object.fromEntries(
		images
			.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((name) => [name, Id] as const))
			.filter(([name]) => name.includes(token) && !name.startsWith('backout/') && !name.startsWith('<none>')),
	);
};

/** Names of the volumes with `token` in them. */
export const volumesOf = async (env: Env, token: string): Promise<readonly string[]> =>
	((await ask<{ Volumes: { Name: string }[] | null }>(env, '/volumes'))?.Volumes ?? [])
		.map(({ Name }) => Name)
		.filter((name) => name.includes(token))
		.toSorted();

/** Names of the networks with `token` in them. */
export const networkNames = async (env: Env, token: string): Promise<readonly string[]> =>
	((await ask<{ Name: string }[]>(env, '/networks')) ?? [])
		.map(({ Name }) => Name)
		.filter((name) => name.includes(token))
		.toSorted();
