import type { Agent } from 'node:http';
import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import { execute } from '../host/collect.ts';
import type { ExecOptions, ExecResult, Host, HostProcess } from '../host/host.ts';
import { PipeAgent, processPipe } from '../host/pipe-agent.ts';
import type { OpenPipe } from '../host/pipe-socket.ts';
import { forwardSocket, forwardTcp, startSession } from './channels.ts';
import { Connector, type SshHostOptions } from './connector.ts';

/** A host reached by SSH: one connection, made again whenever it is lost, and everything over it. */
export class SshHost implements Host {
	readonly name: string;
	readonly link: Host['link'];
	readonly tcpAgent: Agent;
	readonly #connector: Connector;
	readonly #agents = new Map<string, Agent>();
	readonly #closing = new AbortController();

	constructor(target: Pick<Target, 'host' | 'ssh'>, options: SshHostOptions = {}) {
		this.name = target.host;
		this.#connector = new Connector(target, options);
		this.link = this.#connector.link;
		this.tcpAgent = new PipeAgent(
			({ host, hostname, port }) =>
				this.#pipe((client, signal) => forwardTcp(client, hostname ?? host ?? '127.0.0.1', Number(port ?? 80), signal)),
			{ maxSockets: 16 },
		);
	}

	async ready(signal?: AbortSignal): Promise<void> {
		await this.#connector.connection(signal);
	}

	exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
		return execute(this, (signal) => this.#start(command, false, signal), options);
	}

	spawn(command: string, options: { readonly signal?: AbortSignal } = {}): Promise<HostProcess> {
		return this.#start(command, true, options.signal);
	}

	async #start(command: string, long: boolean, given: AbortSignal | undefined): Promise<HostProcess> {
		const signal = given ?? this.#closing.signal;
		const { client, sessions } = await this.#connector.connection(signal);
		return startSession(client, sessions, command, { long, signal, host: this.name });
	}

	#pipe(
		forward: (
			client: Awaited<ReturnType<Connector['connection']>>['client'],
			signal: AbortSignal,
		) => ReturnType<OpenPipe>,
	): OpenPipe {
		return async (signal) => forward((await this.#connector.connection(signal)).client, signal);
	}

	socketAgent(path: string): Agent {
		// One refresh of a busy host is a stream each for events, logs and the statistics of every container.
		return this.#agent(
			`socket ${path}`,
			() =>
				new PipeAgent(() => this.#pipe((client, signal) => forwardSocket(client, path, signal)), { maxSockets: 64 }),
		);
	}

	commandAgent(command: string): Agent {
		return this.#agent(
			`command ${command}`,
			() =>
				new PipeAgent(() => async (signal) => processPipe(await this.#start(command, true, signal)), { maxSockets: 2 }),
		);
	}

	#agent(key: string, make: () => Agent): Agent {
		const agent = this.#agents.get(key) ?? make();
		this.#agents.set(key, agent);
		return agent;
	}

	reconnect(): void {
		this.#connector.reconnect();
	}

	async close(): Promise<void> {
		this.#closing.abort(new BackoutError('unreachable', 'the connection was closed', { host: this.name }));
		for (const agent of [this.tcpAgent, ...this.#agents.values()]) {
			agent.destroy();
		}
		await this.#connector.close();
	}
}
