import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../lab/exec.ts';
import { waitFor } from '../../lab/processes.ts';
import { image } from '../../nodes/images.ts';
import type { Cluster } from './cluster.ts';

/** What the tests change in the manifests. */
export interface Settings {
	/** `none` is an image that no node has. */
	readonly web?: '1' | '2' | '3' | 'bad' | 'none';
	readonly agent?: '1' | '2' | '3' | 'bad';
	readonly replicas?: number;
	/** What the ConfigMap says. With `wrong` the program of web ends at once. */
	readonly mode?: string;
	/** The file that must be there before a pod of web is ready. Default: one that is there. */
	readonly probe?: string;
	/** More lines of the spec of web. */
	readonly spec?: string;
	/** More lines of the pod template of web, at the depth of its spec. */
	readonly pod?: string;
	/** A change of the template that changes nothing else. */
	readonly note?: string;
}

/** A pod as the API server shows it. */
export interface Pod {
	readonly name: string;
	readonly workload: string;
	readonly image: string;
	readonly node: string;
	readonly ready: boolean;
	readonly ending: boolean;
	/** How often the kubelet has started its container again. */
	readonly restarts: number;
}

/** A deployment, a stateful set and a daemon set in a namespace of their own, whose manifests are in a git clone. */
export interface Deployment {
	readonly namespace: string;
	readonly clone: string;
	/** Writes the manifests, commits and applies them; waits for nothing. */
	apply(settings?: Settings): Promise<void>;
	/** Calls `kubectl` in the namespace. */
	kubectl(...args: string[]): Promise<string>;
	pods(workload?: string): Promise<readonly Pod[]>;
	/** Waits until exactly these images run in ready pods of a workload, and nothing else is there; throws what is instead, after three minutes. */
	runs(workload: string, images: readonly string[]): Promise<void>;
	remove(): Promise<void>;
}

/** Sixteen seconds are enough to see that a rollout does not go on; the default is ten minutes. */
const progress = 'progressDeadlineSeconds: 16';

const metadata = (name: string): string => `metadata: { name: ${name}, labels: { app: shop } }`;
const template = (name: string, note = ''): string => `  selector: { matchLabels: { app: shop, part: ${name} } }
  template:
    metadata: { labels: { app: shop, part: ${name} }${note === '' ? '' : `, annotations: { note: ${note} }`} }
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1`;
const program =
	'["sh", "-c", "if grep -q wrong /settings/mode; then echo fatal: wrong settings; exit 1; fi; exec sh /app.sh"]';

const manifests = (given: Settings): string => {
	const { web = '1', agent = '1', replicas = 2, mode = 'right', probe = '/app.sh', spec = '', pod = '', note } = given;
	const name = web === 'none' ? 'backout-test/app:none' : image(web);
	return `apiVersion: v1
kind: ConfigMap
${metadata('settings')}
data: { mode: ${mode} }
---
apiVersion: v1
kind: Secret
${metadata('password')}
stringData: { password: a test of backout }
---
apiVersion: apps/v1
kind: Deployment
${metadata('web')}
spec:
  replicas: ${replicas}
  ${progress}
${spec}${template('web', note)}
${pod}      volumes: [{ name: settings, configMap: { name: settings } }, { name: password, secret: { secretName: password } }]
      containers:
      - name: web
        image: ${name}
        imagePullPolicy: Never
        ${web === 'bad' ? '' : `command: ${program}`}
        volumeMounts: [{ name: settings, mountPath: /settings }, { name: password, mountPath: /password }]
        readinessProbe: { exec: { command: [test, -e, ${probe}] }, periodSeconds: 1, timeoutSeconds: 20 }
---
apiVersion: apps/v1
kind: StatefulSet
${metadata('database')}
spec:
  serviceName: database
${template('database')}
      containers: [{ name: database, image: '${image('1')}', imagePullPolicy: Never }]
---
apiVersion: apps/v1
kind: DaemonSet
${metadata('agent')}
spec:
${template('agent')}
      containers: [{ name: agent, image: '${image(agent)}', imagePullPolicy: Never }]
`;
};

const columns = [
	...['{.metadata.name}', '{.metadata.labels.part}', '{.spec.containers[0].image}', '{.spec.nodeName}'],
	...['{.status.conditions[?(@.type=="Ready")].status}', '{.metadata.deletionTimestamp}'],
	'{.status.containerStatuses[0].restartCount}',
].join('{"\\t"}');

/** Makes the namespace and the clone; nothing is applied yet. */
export const createDeployment = async (cluster: Cluster): Promise<Deployment> => {
	const namespace = `shop-${randomBytes(3).toString('hex')}`;
	const clone = mkdtempSync(join(tmpdir(), 'backout-manifests-'));
	const author = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.net'];
	const git = (...args: string[]) => must('git', ['-C', clone, ...author, ...args], { env: cluster.env });
	const kubectl = (...args: string[]) => cluster.kubectl('-n', namespace, ...args);
	await git('init', '-q', '-b', 'main');
	await cluster.kubectl('create', 'namespace', namespace);
	const apply = async (settings: Settings = {}): Promise<void> => {
		const file = join(clone, 'shop.yaml');
		writeFileSync(file, manifests(settings));
		await git('add', '-A');
		await git('commit', '-q', '--allow-empty', '-m', JSON.stringify(settings));
		await kubectl('apply', '-f', file);
	};
	const pods = async (workload?: string): Promise<readonly Pod[]> => {
		const labels = `app=shop${workload === undefined ? '' : `,part=${workload}`}`;
		const said = await kubectl('get', 'pods', '-l', labels, '-o', `jsonpath={range .items[*]}${columns}{"\\n"}{end}`);
		return said
			.split('\n')
			.filter(Boolean)
			.map((line) => {
				const [name = '', of = '', has = '', node = '', ready, ending = '', restarts] = line.split('\t');
				return {
					name,
					workload: of,
					image: has,
					node,
					ready: ready === 'True',
					ending: ending !== '',
					restarts: Number(restarts),
				};
			});
	};
	return {
		namespace,
		clone,
		apply,
		kubectl,
		pods,
		runs: async (workload, images) => {
			const wanted = [...images].sort().join(' ');
			let has = '';
			const holds = async () => {
				const there = await pods(workload);
				has = there
					.map((one) => `${one.image}${one.ready ? '' : ' (not ready)'}${one.ending ? ' (ending)' : ''}`)
					.sort()
					.join(' ');
				return has === wanted;
			};
			if (!(await waitFor(holds, 180_000, 500))) {
				throw new Error(`${workload} runs ${has}, and not ${wanted}`);
			}
		},
		remove: async () => {
			await cluster.kubectl('delete', 'namespace', namespace, '--wait=false');
			rmSync(clone, { recursive: true, force: true });
		},
	};
};
