import { stampOf } from './stamp.ts';
import type { Container } from './types.ts';

const never = '0001-01-01T00:00:00Z';
const time = (nanos: bigint | undefined): string => (nanos === undefined ? never : stampOf(nanos));

/** Returns the folder of a volume's files. */
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
		Name: type === 'volume' ? source : undefined,
		Source: type === 'volume' ? volumeFolder('/var/lib/docker', source) : source,
		Destination: target,
		Driver: type === 'volume' ? 'local' : undefined,
		Mode: readOnly ? 'ro' : type === 'volume' ? 'z' : 'rw',
		RW: !readOnly,
		Propagation: type === 'volume' ? '' : 'rprivate',
	}));

const networksOf = ({ networks }: Container) =>
	Object.fromEntries(
		[...networks].map(([name, aliases]) => [
			name,
			{
				IPAMConfig: null,
				Links: null,
				Aliases: aliases.length === 0 ? null : aliases,
				NetworkID: name,
				EndpointID: '',
				Gateway: '',
				IPAddress: '',
				IPPrefixLen: 0,
				MacAddress: '',
				DriverOpts: null,
			},
		]),
	);

/** Docker's defaults for the demo's containers. */
const usualHostConfig = {
	ContainerIDFile: '',
	AutoRemove: false,
	VolumeDriver: '',
	VolumesFrom: null,
	CapAdd: null,
	CapDrop: null,
	CgroupnsMode: 'private',
	Dns: null,
	DnsOptions: null,
	DnsSearch: null,
	ExtraHosts: [],
	GroupAdd: null,
	IpcMode: 'private',
	Cgroup: '',
	Links: null,
	OomScoreAdj: 0,
	PidMode: '',
	Privileged: false,
	PublishAllPorts: false,
	ReadonlyRootfs: false,
	SecurityOpt: null,
	UTSMode: '',
	UsernsMode: '',
	ShmSize: 67_108_864,
	Runtime: 'runc',
	Isolation: '',
	CpuShares: 0,
	Memory: 0,
	MemoryReservation: 0,
	MemorySwap: 0,
	NanoCpus: 0,
	CpusetCpus: '',
	Devices: null,
	DeviceRequests: null,
	PidsLimit: null,
	Ulimits: null,
	Sysctls: undefined,
	Tmpfs: undefined,
	Init: undefined,
	Mounts: undefined,
} as const;

const hostConfigOf = (container: Container) => ({
	...usualHostConfig,
	Binds: container.mounts
		.filter(({ type }) => type === 'bind')
		.map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? 'ro' : 'rw'}`),
	LogConfig: {
		Type: container.logging?.driver ?? 'json-file',
		Config: container.logging?.options ?? {},
	},
	NetworkMode: container.network,
	PortBindings: bindingsOf(container),
	RestartPolicy: { Name: container.restartPolicy, MaximumRetryCount: 0 },
});

/** Returns the output of `GET /containers/ID/json` and `docker inspect`, as far as the demo simulates it. */
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
			Domainname: '',
			User: '',
			Tty: false,
			OpenStdin: false,
			StopSignal: undefined,
			StopTimeout: undefined,
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
			IPAddress: '',
			Gateway: '',
			Ports: container.status === 'running' ? bindingsOf(container) : {},
			Networks: networksOf(container),
		},
	};
};
