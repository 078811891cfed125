import { type ChildProcess, spawn as spawnChild } from 'node:child_process';
import type { Agent } from 'node:http';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { BackoutError } from '../../runbook/errors.ts';
import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import { execute } from './collect.ts';
import type { ExecEnd, ExecOptions, ExecResult, Host, HostProcess, SpawnOptions } from './host.ts';
import { stopReading } from './in-terminal.ts';
import { createLinkStore } from './link-store.ts';
import { createAgent, createPipeAgent, processPipe } from './pipe-agent.ts';
import { orAbort } from './sleep.ts';

/**
 * Returns the environment without variables about the caller's own repository and project: in a git hook GIT_DIR names another repository
 * than the deployment's, and COMPOSE_FILE another deployment. Nor with CDPATH, by which `cd web` goes to a folder elsewhere. A login by SSH
 * has none of them either.
 */
const withoutCallers = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:GIT_|COMPOSE_|CDPATH$)/.test(name)));

/**
 * This machine as a host: `sh -c` in the home folder, as a login by SSH would start it, and plain sockets. Its link is up until it is
 * closed.
 */
export class LocalHost implements Host {
	readonly name = 'local';
	readonly readOnly: boolean;
	readonly #link = createLinkStore('up');
	readonly link: Host['link'] = this.#link;
	readonly #env: NodeJS.ProcessEnv;
	readonly #home: string;
	readonly #agents = new Map<string, Agent>();
	readonly #running = new Set<HostProcess>();

	constructor(options: { env?: NodeJS.ProcessEnv; home?: string; readOnly?: boolean } = {}) {
		this.readOnly = options.readOnly ?? false;
		this.#env = withoutCallers(options.env ?? process.env);
		this.#home = options.home ?? homedir();
	}

	async ready(signal?: AbortSignal): Promise<void> {
		signal?.throwIfAborted();
		this.#throwIfClosed();
	}

	#throwIfClosed(): void {
		if (this.#link.get().status === 'closed') {
			throw new BackoutError('unreachable', 'the connection was closed', { host: this.name });
		}
	}

	exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
		return execute(this, (signal) => this.spawn(command, { signal }), options);
	}

	async spawn(command: string, options: SpawnOptions = {}): Promise<HostProcess> {
		const { signal, goesOn = false } = options;
		signal?.throwIfAborted();
		this.#throwIfClosed();
		const child = spawnChild('/bin/sh', ['-c', command], { cwd: this.#home, env: this.#env, stdio: 'pipe' });
		const ended = Promise.withResolvers<ExecEnd>();
		const end = ended.promise;
		let closed = false;
		const close = () => {
			if (closed) {
				return;
			}
			closed = true;
			// A command that has lost its caller is ended; programs that it started in a session of their own stay. It must not end by itself
			// before, because its input has ended: what it started would then get no signal.
			if (!goesOn) {
				child.kill('SIGHUP');
			}
			child.stdin.destroy();
			child.stdout.destroy();
			child.stderr.destroy();
			child.unref();
			ended.resolve({ code: undefined, lost: false });
		};
		child.stdin.on('error', () => {});
		child.once('error', () => ended.resolve({ code: undefined, lost: true }));
		child.once('close', (code, name) =>
			ended.resolve({ code: code ?? undefined, lost: false, ...(name ? { signal: name } : {}) }),
		);
		const running: HostProcess = { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, end, close };
		this.#running.add(running);
		signal?.addEventListener('abort', close, { once: true });
		end
			.finally(() => {
				this.#running.delete(running);
				signal?.removeEventListener('abort', close);
			})
			.catch(() => {});
		await orAbort(started(child), signal);
		return running;
	}

	async runInTerminal(command: string, terminal: LentTerminal, signal?: AbortSignal): Promise<ExecEnd> {
		signal?.throwIfAborted();
		this.#throwIfClosed();
		const { input, output } = terminal;
		// The command itself reads the terminal.
		await stopReading(input);
		const child = spawnChild('/bin/sh', ['-c', command], {
			cwd: this.#home,
			env: { ...this.#env, TERM: terminal.kind },
			stdio: [input.fd, output.fd, output.fd],
		});
		const hangUp = () => child.kill('SIGHUP');
		signal?.addEventListener('abort', hangUp, { once: true });
		const ended = new Promise<ExecEnd>((resolve) =>
			child.once('exit', (code, name) =>
				resolve({ code: code ?? undefined, lost: false, ...(name ? { signal: name } : {}) }),
			),
		);
		try {
			await started(child);
			return await ended;
		} finally {
			signal?.removeEventListener('abort', hangUp);
			await stopReading(input);
		}
	}

	get tcpAgent(): Agent {
		return this.#agent(
			'tcp',
			() => new (process.getBuiltinModule('node:http').Agent)({ keepAlive: true, maxSockets: 16 }),
		);
	}

	socketAgent(path: string): Agent {
		return this.#agent(`socket ${path}`, () => createAgent(() => connect({ path }), { maxSockets: 64 }));
	}

	commandAgent(command: string): Agent {
		return this.#agent(`command ${command}`, () =>
			createPipeAgent(() => (signal) => this.spawn(command, { signal }).then(processPipe), {
				maxSockets: 2,
			}),
		);
	}

	#agent(key: string, make: () => Agent): Agent {
		const agent = this.#agents.get(key) ?? make();
		this.#agents.set(key, agent);
		return agent;
	}

	reconnect(): void {}

	async close(): Promise<void> {
		if (this.#link.get().status === 'closed') {
			return;
		}
		this.#link.set({ status: 'closed' });
		for (const agent of this.#agents.values()) {
			agent.destroy();
		}
		for (const running of [...this.#running]) {
			running.close();
		}
	}
}

const started = (child: ChildProcess): Promise<void> =>
	new Promise((resolve, reject) => {
		child.once('spawn', resolve);
		child.once('error', (error) =>
			reject(new BackoutError('failed', `cannot start a shell: ${error.message}`, { host: 'local', cause: error })),
		);
	});
