import { stampOf } from './stamp.ts';
import type { Container } from './types.ts';

const never = '0001-01-01T00:00:00Z';
const time = (nanos: bigint | undefined): string => (nanos === undefined ? never : stampOf(nanos));

/** Where the files of a volume would lie. */
export const volumeFolder = (root: string, name: string): string => `${root}/volumes/${name}/_data`;

const stateOf = (container: Container) => {
	const { status, health, probes } = container;
	return {
		Status: status,
		Running: status === 'running' || status === 'restarting',
		Paused: false,
		Restarting: status === 'restarting',
		OOMKilled: false,
		Dead: false,
		Pid: status === 'running' ? 1000 + Number.parseInt(container.id.slice(0, 4), 16) : 0,
		ExitCode: container.exitCode,
		Error: container.error,
		StartedAt: time(container.startedAt),
		FinishedAt: time(container.finishedAt),
		...(health !== undefined && {
			Health: {
				Status: health,
				FailingStreak: probes.length - 1 - probes.findLastIndex(({ code }) => code === 0),
				Log: probes.map(({ at, code, output }) => ({
					Start: stampOf(at),
					End: stampOf(at),
					ExitCode: code,
					Output: output,
				})),
			},
		}),
	};
};

const bindingsOf = (container: Container) =>
	Object.fromEntries(
		container.ports.map((port) => [
			`${port.container}/tcp`,
			port.host === 0 ? null : [{ HostIp: port.ip ?? '', HostPort: String(port.host) }],
		]),
	);

const mountsOf = ({ mounts }: Container) =>
	mounts.map(({ type, source, target, readOnly = false }) => ({
		Type: type,
		...(type === 'volume' && { Name: source }),
		Source: type === 'volume' ? volumeFolder('/var/lib/docker', source) : source,
		Destination: target,
		...(type === 'volume' && { Driver: 'local' }),
		Mode: readOnly ? 'ro' : type === 'volume' ? 'z' : 'rw',
		RW: !readOnly,
		Propagation: type === 'volume' ? '' : 'rprivate',
	}));

const networksOf = (container: Container) =>
	Object.fromEntries(
		(container.networks ?? [container.network]).map((name) => [
			name,
			{
				IPAMConfig: null,
				Links: null,
				Aliases: container.aliases === undefined ? null : [container.name, ...container.aliases],
				NetworkID: name,
				EndpointID: '',
				Gateway: '',
				IPAddress: '',
				MacAddress: '',
				DriverOpts: null,
			},
		]),
	);

const hostConfigOf = (container: Container) => ({
	Binds: container.mounts
		.filter(({ type }) => type === 'bind')
		.map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? 'ro' : 'rw'}`),
	ContainerIDFile: '',
	LogConfig: {
		Type: container.logging?.driver ?? 'json-file',
		Config: container.logging?.options ?? {},
	},
	NetworkMode: container.network,
	PortBindings: bindingsOf(container),
	RestartPolicy: { Name: container.restartPolicy, MaximumRetryCount: 0 },
	AutoRemove: false,
	VolumesFrom: null,
	Privileged: false,
	ReadonlyRootfs: false,
	Runtime: 'runc',
	Memory: 0,
	NanoCpus: 0,
});

/** What `GET /containers/ID/json` and `docker inspect` say, as far as the demo plays it. */
export const inspectContainer = (container: Container) => {
	const { entrypoint, command } = container;
	const [path = '', ...args] = [...(entrypoint ?? []), ...(command ?? [])];
	const { healthcheck: check } = container;
	return {
		Id: container.id,
		Created: stampOf(container.createdAt),
		Path: path,
		Args: args,
		State: { Health: undefined, ...stateOf(container) },
		Image: container.image.id,
		Name: `/${container.name}`,
		RestartCount: container.restarts,
		Driver: 'overlay2',
		Platform: 'linux',
		LogPath: '',
		HostConfig: hostConfigOf(container),
		Mounts: mountsOf(container),
		Config: {
			Hostname: container.id.slice(0, 12),
			User: '',
			Tty: false,
			OpenStdin: false,
			Env: Object.entries(container.env).map(([key, value]) => `${key}=${value}`),
			Cmd: command ?? null,
			Healthcheck:
				check === undefined
					? undefined
					: { Test: check.test ?? [], Interval: check.intervalMs * 1_000_000, Retries: check.retries },
			Image: container.imageName,
			Volumes: null,
			WorkingDir: '/app',
			Entrypoint: entrypoint ?? null,
			Labels: container.labels,
		},
		NetworkSettings: {
			Ports: container.status === 'running' ? bindingsOf(container) : {},
			Networks: networksOf(container),
		},
	};
};
