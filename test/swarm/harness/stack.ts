import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, must } from '../../lab/exec.ts';
import { waitFor } from '../../lab/processes.ts';
import type { Node } from '../../nodes/node.ts';
import { image, type Swarm } from './swarm.ts';

/** What the tests change in the stack file. */
export interface StackSettings {
	readonly web?: '1' | '2' | '3' | 'bad';
	readonly agent?: '1' | '2' | '3' | 'bad';
	readonly replicas?: number;
	/** The content of the config `settings`, and the name under which the stack file creates it. */
	readonly settings?: string;
	readonly configName?: string;
	/** What an update does when a task fails: Docker's default is to pause. */
	readonly onFailure?: 'pause' | 'rollback' | 'continue';
}

/** A task as its manager shows it. */
export interface Task {
	readonly id: string;
	readonly service: string;
	readonly slot: number;
	readonly node: string;
	readonly desired: string;
	readonly state: string;
	readonly image: string;
	readonly config: string;
	readonly force: number;
}

/** A stack that was deployed from a git clone on the first manager. */
export interface Stack {
	readonly name: string;
	readonly clone: string;
	/** Writes the stack file, commits it, and deploys it. Believes nothing of the exit code. */
	deploy(settings?: StackSettings): Promise<void>;
	/** The tasks that should run, by any manager that answers. */
	tasks(service?: string): Promise<readonly Task[]>;
	/** Waits until the tasks of `service` that run have exactly these images; throws what they have instead, after a minute. */
	runs(service: string, images: readonly string[]): Promise<void>;
	/** A part of the service as the engine reads it, by a Go template. */
	read(service: string, format: string): Promise<string>;
	remove(): Promise<void>;
}

/** The program of the tests' images ends at once when it is told to; a failed task is seen within a second. */
const stackFile = (given: StackSettings): string => {
	const { web = '1', agent = '1', replicas = 2, configName, onFailure = 'pause' } = given;
	const update = `{ parallelism: 1, delay: 0s, monitor: 2s, failure_action: ${onFailure} }`;
	const common = 'stop_grace_period: 1s, networks: [inside]';
	return `version: "3.8"
services:
  web:
    <<: { ${common} }
    image: ${image(web)}
    configs: [{ source: settings, target: /settings }]
    secrets: [password]
    deploy: { replicas: ${replicas}, endpoint_mode: dnsrr, restart_policy: { delay: 1s }, update_config: ${update} }
  agent:
    <<: { ${common} }
    image: ${image(agent)}
    deploy: { mode: global, endpoint_mode: dnsrr }
  database:
    <<: { ${common} }
    image: ${image('1')}
    volumes: ['data:/data']
    deploy: { endpoint_mode: dnsrr, placement: { constraints: ['node.labels.data == here'] } }
networks: { inside: {} }
volumes: { data: {} }
configs: { settings: { file: ./settings${configName === undefined ? '' : `, name: ${configName}`} } }
secrets: { password: { file: ./password } }
`;
};

const taskFormat = [
	'.ID',
	'.ServiceID',
	'.Slot',
	'.NodeID',
	'.DesiredState',
	'.Status.State',
	'.Spec.ContainerSpec.Image',
	'.Spec.ForceUpdate',
]
	.map((field) => `{{${field}}}`)
	.join('\t');
const configFormat = '{{range .Spec.ContainerSpec.Configs}}{{.ConfigName}}{{end}}';

/** The first manager that answers. */
const askAny = async (nodes: readonly Node[], ...args: string[]): Promise<string> => {
	let last: unknown;
	for (const node of nodes) {
		const said = await exec('docker', args, { env: node.env, timeout: 10_000 });
		if (said.code === 0) {
			return said.stdout.trim();
		}
		last = said.stderr;
	}
	throw new Error(`no manager answers: ${last}`);
};

const tasksOf = async (swarm: Swarm, name: string, service?: string): Promise<readonly Task[]> => {
	const ask = (...args: string[]) => askAny(swarm.nodes, ...args);
	const services = await ask(
		'service',
		'ls',
		'--filter',
		`label=com.docker.stack.namespace=${name}`,
		'--format',
		'{{.ID}} {{.Name}}',
	);
	const names = new Map(services.split('\n').map((line) => line.split(' ') as [string, string]));
	const chosen = [...names.values()].filter((one) => service === undefined || one === `${name}_${service}`);
	if (chosen.length === 0) {
		return [];
	}
	const ids = (await ask('service', 'ps', '-q', '--no-trunc', '--filter', 'desired-state=running', ...chosen)).split(
		'\n',
	);
	const listed = ids.filter(Boolean);
	if (listed.length === 0) {
		return [];
	}
	const said = await ask('inspect', '--type', 'task', '--format', `${taskFormat}\t${configFormat}`, ...listed);
	return said.split('\n').map((line) => {
		const [id = '', serviceId = '', slot, node = '', desired = '', state = '', of = '', force, config = ''] =
			line.split('\t');
		const full = [...names].find(([short]) => serviceId.startsWith(short))?.[1] ?? serviceId;
		return {
			id,
			service: full.replace(`${name}_`, ''),
			slot: Number(slot),
			node,
			desired,
			state,
			image: of,
			config,
			force: Number(force),
		};
	});
};

/** Makes the clone; nothing is deployed yet. The database is bound to the last node. */
export const createStack = async (swarm: Swarm): Promise<Stack> => {
	const name = `s${randomBytes(3).toString('hex')}`;
	const folder = mkdtempSync(join(tmpdir(), 'backout-stack-'));
	const clone = join(folder, name);
	mkdirSync(clone);
	const { manager, nodes } = swarm;
	const author = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.net'];
	const git = (...args: string[]) => must('git', ['-C', clone, ...author, ...args], { env: manager.env });
	await git('init', '-q', '-b', 'main');
	await manager.docker('node', 'update', '--label-add', 'data=here', nodes.at(-1)?.name ?? '');
	const deploy = async (settings: StackSettings = {}): Promise<void> => {
		writeFileSync(join(clone, 'stack.yaml'), stackFile(settings));
		writeFileSync(join(clone, 'settings'), settings.settings ?? 'one\n');
		writeFileSync(join(clone, 'password'), 'a test of backout\n');
		await git('add', '-A');
		await git('commit', '-q', '--allow-empty', '-m', JSON.stringify(settings));
		const args = ['stack', 'deploy', '--resolve-image', 'never', '-c', join(clone, 'stack.yaml'), name];
		await must('docker', args, { env: manager.env, timeout: 60_000 });
	};
	const tasks = (service?: string) => tasksOf(swarm, name, service);
	return {
		name,
		clone,
		deploy,
		tasks,
		runs: async (service, images) => {
			const wanted = [...images].sort().join(' ');
			let has = '';
			const holds = async () => {
				const running = (await tasks(service)).filter(({ state }) => state === 'running');
				has = running
					.map((task) => task.image)
					.sort()
					.join(' ');
				return has === wanted;
			};
			if (!(await waitFor(holds, 60_000, 300))) {
				throw new Error(`${service} runs ${has}, and not ${wanted}`);
			}
		},
		read: (service, format) => askAny(nodes, 'inspect', '--type', 'service', '--format', format, `${name}_${service}`),
		remove: async () => {
			await exec('docker', ['stack', 'rm', name], { env: manager.env });
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
