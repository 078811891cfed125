import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../../lab/exec.ts';
import { waitFor } from '../../lab/processes.ts';
import { addressOf, type Network } from '../../nodes/network.ts';
import { type Daemon, makeDaemon } from './daemon.ts';
import { type Program, programOf } from './programs.ts';

/** The API server, its store, the controllers and the scheduler, in a network namespace of their own. */
export interface ControlPlane {
	/** The number of its namespace in the network. */
	readonly number: number;
	/** The API server as this machine reaches it: https://ADDRESS:6443. */
	readonly address: string;
	readonly server: Daemon;
	readonly controllers: Daemon;
	readonly scheduler: Daemon;
	/** The kubeconfig of somebody who may do everything. */
	readonly kubeconfig: string;
	/** Writes the kubeconfig of somebody with a token, and returns its path. */
	kubeconfigOf(name: string, token: string): string;
	/** Describes one more program in its network, which whoever starts it ends. */
	beside(program: string, args: readonly string[]): Daemon;
	/** Waits until the API server serves; throws the end of its log after three minutes. */
	serves(): Promise<void>;
	start(): Promise<void>;
	stop(): Promise<void>;
}

const number = 9;
const port = 6443;

/** People of the cluster: token, name, id and groups. Only the first may do anything before a role is bound to them. */
const people = `admin-token,admin,1,"system:masters"
ana-token,ana,2
ben-token,ben,3
`;

/** A node that is lost is seen within 20 s, and its pods are made anew 5 s later: the defaults are 40 s and five minutes. */
const patience = {
	server: ['--default-not-ready-toleration-seconds=5', '--default-unreachable-toleration-seconds=5'],
	controllers: ['--node-monitor-period=2s', '--node-monitor-grace-period=20s', '--node-startup-grace-period=30s'],
};

/** Makes the key with which the tokens of service accounts are signed. */
const makeKey = (file: string): void => {
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	writeFileSync(file, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
};

interface Access {
	readonly address: string;
	readonly token: string;
	/** The certificate of the API server, by which it is known. Without it any is taken. */
	readonly certificate?: string;
}

const kubeconfigText = ({ address, token, certificate }: Access): string => `apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab
  cluster:
    server: https://${address}:${port}
    ${certificate === undefined ? 'insecure-skip-tls-verify: true' : `certificate-authority-data: ${certificate}`}
users:
- name: me
  user: { token: ${token} }
contexts:
- name: lab
  context: { cluster: lab, user: me }
`;

const etcdWords = (memory: string): readonly string[] => [
	...['--data-dir', memory, '--logger', 'zap', '--log-level', 'error'],
	...['--listen-client-urls', 'http://127.0.0.1:2379', '--advertise-client-urls', 'http://127.0.0.1:2379'],
	...['--listen-peer-urls', 'http://127.0.0.1:2380', '--initial-advertise-peer-urls', 'http://127.0.0.1:2380'],
	...['--initial-cluster', 'default=http://127.0.0.1:2380'],
];

const serverWords = (folder: string, address: string): readonly string[] => [
	...['--etcd-servers=http://127.0.0.1:2379', `--secure-port=${port}`, `--advertise-address=${address}`],
	...['--bind-address=0.0.0.0', `--cert-dir=${folder}/certificates`, '--allow-privileged', '--authorization-mode=RBAC'],
	...['--kubelet-preferred-address-types=InternalIP'],
	...['--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${folder}/accounts.key`],
	...[`--service-account-signing-key-file=${folder}/accounts.key`, `--token-auth-file=${folder}/people.csv`],
	...['--service-cluster-ip-range=10.96.0.0/16', ...patience.server],
];

const controllersWords = (folder: string): readonly string[] => [
	...[`--kubeconfig=${folder}/inside.yaml`, '--leader-elect=false', '--port=0', `--cert-dir=${folder}/controllers`],
	...[`--service-account-private-key-file=${folder}/accounts.key`, ...patience.controllers],
];

const schedulerWords = (folder: string): readonly string[] => [
	...[`--kubeconfig=${folder}/inside.yaml`, '--leader-elect=false', '--port=0', `--cert-dir=${folder}/scheduler`],
];

/** Describes the control plane; nothing runs yet. @param memory has the store */
export const makeControlPlane = async (network: Network, folder: string, memory: string): Promise<ControlPlane> => {
	await network.addNode(number);
	const address = await network.linkHere(number);
	mkdirSync(folder, { recursive: true });
	makeKey(join(folder, 'accounts.key'));
	writeFileSync(join(folder, 'people.csv'), people, { mode: 0o600 });
	const inside = { address: addressOf(number), token: 'admin-token' };
	writeFileSync(join(folder, 'inside.yaml'), kubeconfigText(inside), { mode: 0o600 });
	const space = { network: network.pathOf(number) };
	const own = (name: Program, args: readonly string[]) =>
		makeDaemon(folder, { ...space, program: programOf(name), args });
	const store = makeDaemon(folder, { ...space, program: '/usr/bin/etcd', args: etcdWords(memory) });
	const server = own('kube-apiserver', serverWords(folder, address));
	const controllers = own('kube-controller-manager', controllersWords(folder));
	const scheduler = own('kube-scheduler', schedulerWords(folder));
	const kubeconfigOf = (name: string, token: string): string => {
		const certificate = readFileSync(join(folder, 'certificates', 'apiserver.crt')).toString('base64');
		const file = join(folder, `${name}.yaml`);
		writeFileSync(file, kubeconfigText({ address, token, certificate }), { mode: 0o600 });
		return file;
	};
	const answers = async () => {
		// It ends by itself where its store is too slow at first, and elsewhere somebody starts it again.
		if (!server.runs()) {
			server.start();
		}
		const asked = ['--kubeconfig', join(folder, 'inside.yaml'), '-s', `https://${address}:${port}`];
		const said = await exec(programOf('kubectl'), [...asked, 'get', '--raw', '/readyz'], { timeout: 20_000 });
		return said.code === 0;
	};
	const serves = async () => {
		if (!(await waitFor(answers, 180_000, 500))) {
			throw new Error(`the API server does not serve:\n${server.log()}`);
		}
	};
	return {
		number,
		address,
		server,
		controllers,
		scheduler,
		kubeconfig: join(folder, 'admin.yaml'),
		kubeconfigOf,
		beside: (program, args) => makeDaemon(join(folder, 'beside'), { ...space, program, args }),
		serves,
		start: async () => {
			store.start();
			server.start();
			await serves();
			kubeconfigOf('admin', 'admin-token');
			controllers.start();
			scheduler.start();
		},
		stop: async () => {
			await Promise.all([scheduler.stop(), controllers.stop(), server.stop()]);
			await store.stop();
		},
	};
};
