import { exec, must } from '../../lab/exec.ts';

/** What the engine says of one container of a Compose project, in words that stay the same when it is made anew. */
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
	/** It has ended and waits to be started again: it crashes. */
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

const networksOf = (item: Inspected, all: readonly Inspected[]): readonly string[] => {
	const mode = item.HostConfig.NetworkMode;
	if (mode.startsWith('container:')) {
		const other = all.find(({ Id }) => Id === mode.slice('container:'.length));
		return [other === undefined ? 'gone' : `service:${other.Config.Labels[`${label}service`]}`];
	}
	return Object.keys(item.NetworkSettings.Networks ?? {}).sort();
};

const factsOf = (
	item: Inspected,
	all: readonly Inspected[],
	versions: ReadonlyMap<string, string>,
): ContainerFacts => ({
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

const inspect = async <T>(env: Env, kind: 'container' | 'image', ids: readonly string[]): Promise<readonly T[]> => {
	if (ids.length === 0) {
		return [];
	}
	// One that is gone meanwhile fails the command; the others are told all the same.
	const { stdout } = await exec('docker', [kind, 'inspect', ...ids], { env });
	return JSON.parse(stdout || '[]') as T[];
};

/**
 * The containers that Compose made whose project or folder has `token` in it: those of a deployment, and of a second one
 * that was started beside it by mistake. Those of `run` are not counted.
 */
export const containersOf = async (env: Env, token: string): Promise<readonly ContainerFacts[]> => {
	const ids = (await must('docker', ['ps', '-aq', '--no-trunc'], { env })).split('\n').filter(Boolean);
	const all = await inspect<Inspected>(env, 'container', ids);
	const mine = all.filter(({ Config: { Labels: labels } }) => {
		// A container that only keeps an image has the labels that Compose gave the image: but not these.
		const made = labels?.[`${label}config-hash`] !== undefined && labels[`${label}oneoff`] === 'False';
		return made && `${labels[`${label}project`]} ${labels[`${label}project.working_dir`]}`.includes(token);
	});
	const images = await inspect<{ Id: string; Config: { Labels: Record<string, string> | null } }>(env, 'image', [
		...new Set(mine.map(({ Image }) => Image)),
	]);
	const versions = new Map(images.map(({ Id, Config }) => [Id, Config.Labels?.['test.version'] ?? '']));
	return mine.map((item) => factsOf(item, all, versions)).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
};

/** `project/service-number`. */
export const nameOf = ({ project, service, number }: ContainerFacts): string => `${project}/${service}-${number}`;

/** The names of images with `token` in them, and the id that each stands for; names that only keep an image are left out. */
export const imageNames = async (env: Env, token: string): Promise<Readonly<Record<string, string>>> => {
	const lines = await must('docker', ['image', 'ls', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'], {
		env,
	});
	return Object.fromEntries(
		lines
			.split('\n')
			.map((line) => line.split(' ') as [string, string])
			.filter(([name]) => name.includes(token) && !name.startsWith('backout/') && !name.startsWith('<none>')),
	);
};

/** Names of the volumes with `token` in them. */
export const volumesOf = async (env: Env, token: string): Promise<readonly string[]> =>
	(await must('docker', ['volume', 'ls', '-q'], { env }))
		.split('\n')
		.filter((name) => name.includes(token))
		.toSorted();
