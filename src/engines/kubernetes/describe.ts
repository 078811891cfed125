import type { InstanceDescription, Mount } from '../../engine/instance.ts';
import { mainContainer } from './names.ts';
import { type ClusterPlace, kubectlWords } from './place.ts';
import type { ShownPod } from './pods.ts';
import type { RawContainer, RawEnvironmentValue, RawPodSpec, RawProbe } from './raw.ts';

/** Returns the value of a variable as its specification has it: what comes from elsewhere is named, not read. */
const environmentValue = ({ value, valueFrom: from }: RawEnvironmentValue): string => {
	if (value !== undefined || from === undefined) {
		return value ?? '';
	}
	const { configMapKeyRef: map, secretKeyRef: secret, fieldRef: field, resourceFieldRef: resource } = from;
	return map !== undefined
		? `(key ${map.key} of ConfigMap ${map.name})`
		: secret !== undefined
			? `(key ${secret.key} of Secret ${secret.name})`
			: `(${field?.fieldPath ?? resource?.resource ?? 'from elsewhere'})`;
};

const environmentOf = ({ env = [], envFrom = [] }: RawContainer): InstanceDescription['environment'] => [
	...envFrom.map(({ prefix = '', configMapRef, secretRef }): [string, string] => [
		`${prefix}*`,
		configMapRef === undefined
			? `(all keys of Secret ${secretRef?.name})`
			: `(all keys of ConfigMap ${configMapRef.name})`,
	]),
	...env.map((one): [string, string] => [one.name ?? '', environmentValue(one)]),
];

/** Returns kind and source of a volume: `ConfigMap web-config`. */
const sourceOf = (volume: Readonly<Record<string, unknown>> | undefined): readonly [kind: string, source: string] => {
	const about = (key: string) => volume?.[key] as Readonly<Record<string, string>> | undefined;
	const named: readonly (readonly [key: string, kind: string, name: string])[] = [
		['configMap', 'ConfigMap', 'name'],
		['secret', 'Secret', 'secretName'],
		['persistentVolumeClaim', 'volume', 'claimName'],
		['hostPath', 'bind', 'path'],
	];
	for (const [key, kind, name] of named) {
		const found = about(key);
		if (found !== undefined) {
			return [kind, found[name] ?? ''];
		}
	}
	const other = Object.keys(volume ?? {}).find((key) => key !== 'name');
	return [other === 'emptyDir' ? 'tmpfs' : (other ?? 'volume'), String(volume?.name ?? '')];
};

const mountsOf = ({ volumeMounts = [] }: RawContainer, { volumes = [] }: RawPodSpec): readonly Mount[] =>
	volumeMounts.map(({ name, mountPath = '', readOnly }) => {
		const [kind, source] = sourceOf(volumes.find((volume) => volume.name === name));
		return { kind, source, target: mountPath, readOnly: readOnly === true };
	});

/** Returns a probe in words: `GET :8080/healthz`. */
const probeWords = ({ exec, httpGet, tcpSocket, grpc }: RawProbe): readonly string[] =>
	exec?.command ??
	(httpGet !== undefined
		? [`GET :${httpGet.port}${httpGet.path ?? '/'}`]
		: tcpSocket !== undefined
			? [`connect to :${tcpSocket.port}`]
			: [`gRPC :${grpc?.port ?? '?'}`]);

/** Describes a pod by its specification: its main container, with the ports of all. */
export const describePod = ({ instance, pod }: ShownPod, place: ClusterPlace): InstanceDescription => {
	const { spec } = pod;
	const container = mainContainer(spec, pod.annotations) ?? { name: '' };
	const probe = container.readinessProbe ?? container.livenessProbe ?? container.startupProbe;
	const user = container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
	const several = (spec.containers ?? []).length > 1 ? ` -c ${container.name}` : '';
	return {
		instance,
		imageUnknown: 'the cluster does not say when it was built',
		command: [...(container.command ?? []), ...(container.args ?? [])],
		user: user === undefined ? '' : String(user),
		workingDirectory: container.workingDir ?? '',
		ports: (spec.containers ?? []).flatMap(({ ports = [] }) =>
			ports.map(({ containerPort, hostPort, protocol = 'TCP' }) => ({
				container: `${containerPort}/${protocol.toLowerCase()}`,
				...(hostPort !== undefined && { host: `${spec.nodeName ?? ''}:${hostPort}` }),
			})),
		),
		mounts: mountsOf(container, spec),
		environment: environmentOf(container),
		networks: pod.status.podIP === undefined ? [] : [`pod network, ${pod.status.podIP}`],
		...(probe !== undefined && { healthCheck: probeWords(probe) }),
		shellCommand: `${kubectlWords(place)} exec -it ${pod.name}${several} -- sh`,
	};
};
