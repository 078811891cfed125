import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../lab/exec.ts';
import { image } from '../../nodes/images.ts';
import { addressOf, type Network } from '../../nodes/network.ts';
import type { Node } from '../../nodes/node.ts';
import { type Daemon, makeDaemon } from './daemon.ts';
import { programOf } from './programs.ts';

/** The addresses of a node's pods. */
export const podsOf = (node: number): string => `10.78.${node}.0/24`;

/** What a node's engine is told: its pods are on a bridge of its own, and start in a runtime that this machine allows. */
export const engineWords = (node: number): readonly string[] => [
	...['--bip', `10.78.${node}.1/24`, '--iptables=false', '--ip-masq=false'],
	...['--add-runtime', `here=${join(import.meta.dirname, 'runtime.sh')}`, '--default-runtime', 'here'],
];

const settings = (node: number, plugins: string): string => `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: ${addressOf(node)}
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
evictionHard: { memory.available: 10Mi }
imageGCHighThresholdPercent: 100
failSwapOn: false
makeIPTablesUtilChains: false
oomScoreAdj: 0
readOnlyPort: 0
serializeImagePulls: false
clusterDNS: [10.96.0.10]
maxPods: 60
nodeLeaseDurationSeconds: 10
nodeStatusUpdateFrequency: 3s
volumePluginDir: ${plugins}
`;

/**
 * All kubelets keep the logs of pods at the same place of a machine, and each removes what it does not know: so each has that place for
 * itself. What it mounts for its pods is seen by the engine nevertheless, since the folder of the mounts is shared.
 */
const apart = `for place in pods containers; do
	mkdir -p "$1/$place" "/var/log/$place"
	mount --make-private "$(findmnt -n -o TARGET -T "/var/log/$place")"
	mount --bind "$1/$place" "/var/log/$place"
done
hostname "$2"
shift 2
exec "$@"`;

/** Describes the kubelet of a node. @param kubeconfig by which it reaches the API server */
export const makeKubelet = async (network: Network, node: Node, kubeconfig: string): Promise<Daemon> => {
	const folder = join(node.folder, 'kubelet');
	const root = join(folder, 'root');
	mkdirSync(root, { recursive: true });
	await must('mount', ['--bind', root, root]);
	await must('mount', ['--make-shared', root]);
	const config = join(folder, 'settings.yaml');
	writeFileSync(config, settings(node.number, join(folder, 'plugins')));
	const space = ['unshare', '--uts', '--mount', '--propagation', 'unchanged'];
	return makeDaemon(node.folder, {
		network: network.pathOf(node.number),
		before: [...space, 'sh', '-c', apart, 'sh', join(folder, 'log'), node.name],
		program: programOf('kubelet'),
		args: [
			...[
				'--config',
				config,
				'--kubeconfig',
				kubeconfig,
				'--root-dir',
				root,
				'--cert-dir',
				join(folder, 'certificates'),
			],
			...[`--docker-endpoint=unix://${node.socket}`, `--pod-infra-container-image=${image('1')}`, '--network-plugin='],
			...[`--experimental-dockershim-root-directory=${join(folder, 'shim')}`, '--feature-gates=DevicePlugins=false'],
			...[`--hostname-override=${node.name}`, `--node-ip=${addressOf(node.number)}`],
		],
	});
};
