import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../helpers/program.ts';

export interface Said {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A deployment of this machine (`host: local`, no Docker needed) with a runbook of its own, and backout run on it. */
export interface LocalPlace {
	readonly folder: string;
	/** The deployment's directory. */
	readonly directory: string;
	/** The host's state folder. */
	readonly state: string;
	/** XDG_STATE_HOME of the operator. */
	readonly home: string;
	run(args: readonly string[], options?: { readonly umask?: string }): Promise<Said>;
	/** Starts what runs until it is stopped. */
	start(args: readonly string[]): ChildProcess;
	write(name: string, text: string): void;
	remove(): void;
}

const runbook = `title: Local
verification: { checks: [there], settle: 1s, deadline: 3s }
checks:
  there: { kind: running, title: There, services: [app] }
procedures:
  change:
    title: Change it
    group: All
    when: It is wrong.
    risk: disruptive
    restorePoint: false
    verify: []
    inputs:
      - { name: api_token, title: Token, resolve: 'printf "%s\\\\n" "$value"', preset: none }
    preconditions:
      - { id: says, title: Says something, run: 'echo "DB_PASSWORD=hunter-two"' }
    steps:
      - { id: one, title: One, run: 'echo "token $api_token"; echo changed >changed; printf "backup\\\\t/x/y.gz\\\\n" >>"$run_facts"' }
      - { id: two, title: Two, run: 'echo "URL postgres://ana:pa55word@db/x"; test "$api_token" != fails-here' }
  verified:
    title: Change it, to be verified
    group: All
    when: It is wrong.
    risk: disruptive
    steps:
      - { id: one, title: One, run: 'echo more >>app.txt; git -c user.name=a -c user.email=a@b commit -qam more' }
  deploy:
    title: Deploy it
    kind: deploy
    risk: disruptive
    steps:
      - { id: one, title: One, run: 'echo deployed >deployed' }
  ask:
    title: Ask
    group: All
    when: It is wrong.
    risk: disruptive
    restorePoint: false
    verify: []
    steps:
      - { id: wait, title: Wait for somebody, manual: Look., timeout: 10m }
`;

export const createLocalPlace = (settings = ''): LocalPlace => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-local-')));
	const [directory, state, home] = ['app', 'state', 'home'].map((name) => join(folder, name)) as [
		string,
		string,
		string,
	];
	mkdirSync(directory);
	const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
	write('local.yaml', runbook);
	write(
		'backout.yaml',
		`targets:\n  here:\n    host: local\n    directory: ${directory}\n    state: ${state}\n    runbook: ./local.yaml\n${settings}`,
	);
	const environment = { ...process.env, XDG_STATE_HOME: home, DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
	return {
		folder,
		directory,
		state,
		home,
		write,
		start: (args) => spawn(process.execPath, [program, ...args], { cwd: folder, env: environment, stdio: 'ignore' }),
		run: (args, { umask } = {}) =>
			new Promise((resolve, reject) => {
				const command = umask === undefined ? '' : `umask ${umask}; `;
				const child = spawn('sh', ['-c', `${command}exec "$@"`, 'sh', process.execPath, program, ...args], {
					cwd: folder,
					env: environment,
					stdio: ['ignore', 'pipe', 'pipe'],
				});
				let stdout = '';
				let stderr = '';
				child.stdout.setEncoding('utf8').on('data', (text: string) => {
					stdout += text;
				});
				child.stderr.setEncoding('utf8').on('data', (text: string) => {
					stderr += text;
				});
				child.on('error', reject);
				child.on('close', (code) => resolve({ code, stdout, stderr }));
			}),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
};
