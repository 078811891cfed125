import type { InstanceDescription, Mount, PortMapping } from '../../engine/instance.ts';
import { toDetails } from './details.ts';

/** The fields of an inspection that `toDetails` does not use; the Engine API and `docker inspect` write the same. */
interface RawDescription {
	Path?: string;
	Args?: string[] | null;
	Config?: {
		User?: string;
		WorkingDir?: string;
		Env?: string[] | null;
		Healthcheck?: { Test?: string[] | null } | null;
	};
	Mounts?: { Type?: string; Name?: string; Source?: string; Destination?: string; RW?: boolean }[] | null;
	NetworkSettings?: {
		Ports?: Record<string, { HostIp?: string; HostPort?: string }[] | null> | null;
		Networks?: Record<string, unknown> | null;
	};
	HostConfig?: { PortBindings?: Record<string, { HostIp?: string; HostPort?: string }[] | null> | null };
}

/** Lists the ports of a container; one that has ended has only those that it would publish. */
const portsOf = ({ NetworkSettings, HostConfig }: RawDescription): PortMapping[] => {
	const all = { ...HostConfig?.PortBindings, ...NetworkSettings?.Ports };
	return Object.entries(all)
		.sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
		.flatMap(([container, bindings]): PortMapping[] => {
			const hosts = (bindings ?? []).map(({ HostIp, HostPort }) => {
				const ip = HostIp || '0.0.0.0';
				return `${ip.includes(':') ? `[${ip}]` : ip}:${HostPort || '?'}`;
			});
			return hosts.length === 0 ? [{ container }] : hosts.map((host) => ({ container, host }));
		});
};

const mountsOf = ({ Mounts }: RawDescription): Mount[] =>
	(Mounts ?? []).map(({ Type = '', Name, Source = '', Destination = '', RW }) => ({
		kind: Type,
		source: Type === 'volume' && Name ? Name : Source,
		target: Destination,
		readOnly: RW === false,
	}));

const environmentOf = ({ Config }: RawDescription): InstanceDescription['environment'] =>
	(Config?.Env ?? []).map((setting) => {
		const at = setting.indexOf('=');
		return at < 0 ? [setting, ''] : [setting.slice(0, at), setting.slice(at + 1)];
	});

/** Returns the command of a health check. Docker puts a word before it: CMD runs it, CMD-SHELL runs it in a shell, NONE switches it off. */
const healthCheckOf = ({ Config }: RawDescription): readonly string[] | undefined => {
	const [kind, ...words] = Config?.Healthcheck?.Test ?? [];
	return kind === 'CMD' || kind === 'CMD-SHELL' ? words : undefined;
};

/** Converts an inspection into a description, without its image. */
export const toDescription = (json: unknown): InstanceDescription => {
	const raw = json as RawDescription;
	const instance = toDetails(json);
	const healthCheck = healthCheckOf(raw);
	return {
		instance,
		command: [...(raw.Path ? [raw.Path] : []), ...(raw.Args ?? [])],
		user: raw.Config?.User ?? '',
		workingDirectory: raw.Config?.WorkingDir ?? '',
		ports: portsOf(raw),
		mounts: mountsOf(raw),
		environment: environmentOf(raw),
		networks: Object.keys(raw.NetworkSettings?.Networks ?? {}),
		...(healthCheck !== undefined && { healthCheck }),
		// Docker allows only characters in a name that a shell leaves alone.
		shellCommand: `docker exec -it ${instance.name} sh`,
	};
};
