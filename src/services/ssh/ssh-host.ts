import type { Agent } from 'node:http';
import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import { execute } from '../host/collect.ts';
import type { ExecEnd, ExecOptions, ExecResult, Host, HostProcess, SocketOptions, SpawnOptions } from '../host/host.ts';
import { copyTerminal } from '../host/in-terminal.ts';
import { createPipeAgent, processPipe } from '../host/pipe-agent.ts';
import type { OpenPipe, PipeUse } from '../host/pipe-socket.ts';
import { shellCommand } from '../host/shell-program.ts';
import { forwardSocket, type GivesWay, startSession } from './channels.ts';
import type { Connection } from './connection.ts';
import { Connector, type SshHostOptions } from './connector.ts';
import { createRelays, type Relays } from './relays.ts';

/** Lets a command that follows something give up its session; it counts as busy from its beginning. */
const follower: GivesWay = { busySince: () => 0, isLost: true };

/** Lets a connection of an agent give up its session. */
const pooled = (use: PipeUse): GivesWay => ({ busySince: () => use.busySince, isLost: false });

/** A host reached by SSH: one connection, which is made again whenever it is lost, and everything that uses it. */
export class SshHost implements Host {
	readonly name: string;
	readonly readOnly: boolean;
	readonly link: Host['link'];
	readonly #connector: Connector;
	readonly #agents = new Map<string, Agent>();
	readonly #closing = new AbortController();
	readonly #relays: Relays;

	constructor(target: Pick<Target, 'host' | 'ssh'>, options: SshHostOptions & { readonly readOnly?: boolean } = {}) {
		this.name = target.host;
		this.readOnly = options.readOnly ?? false;
		this.#connector = new Connector(target, options);
		this.link = this.#connector.link;
		this.#relays = createRelays({
			host: this.name,
			with: (signal, start) => this.#connector.with(signal, start),
			shell: (signal, givesWay) => this.#start(shellCommand, { signal, givesWay }),
			sessionLimit: () => this.#connector.sessionLimit,
		});
	}

	get relay(): string | undefined {
		return this.#relays.program;
	}

	get tcpAgent(): Agent {
		return this.#agent('tcp', () =>
			createPipeAgent(
				({ host, hostname, port }) =>
					(signal, use) =>
						this.#relays.open({ host: hostname ?? host ?? '127.0.0.1', port: Number(port ?? 80) }, signal, use),
				{ maxSockets: 16 },
			),
		);
	}

	async ready(signal?: AbortSignal): Promise<void> {
		await this.#connector.connection(signal);
	}

	exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
		const start = (signal: AbortSignal) => this.#start(command, { signal, short: true });
		return execute(this, start, options, {
			sessionLimit: () => this.#connector.sessionLimit,
			login: () => this.#connector.login,
		});
	}

	spawn(command: string, options: SpawnOptions = {}): Promise<HostProcess> {
		return this.#start(command, options);
	}

	async runInTerminal(
		command: string,
		terminal: LentTerminal,
		signal: AbortSignal = this.#closing.signal,
	): Promise<ExecEnd> {
		const { columns, rows } = terminal.size();
		const pty = { term: terminal.kind, cols: columns, rows };
		const running = await this.#connector.with(signal, (connection) =>
			startSession(connection, command, { long: true, signal, goesOn: false, host: this.name, pty }),
		);
		return copyTerminal(running, terminal);
	}

	#start(command: string, options: SpawnOptions & { readonly givesWay?: GivesWay }): Promise<HostProcess> {
		const { signal = this.#closing.signal, goesOn = false, short = false, busySince } = options;
		const kept: GivesWay | undefined = busySince && { busySince, isLost: true };
		// A command that only follows something may give up its session, as its caller starts it again. It counts as busy.
		const givesWay = options.givesWay ?? kept ?? (short || goesOn ? undefined : follower);
		return this.#connector.with(signal, (connection) =>
			startSession(connection, command, { long: !short, signal, goesOn, host: this.name, givesWay }),
		);
	}

	#pipe(forward: (connection: Connection, signal: AbortSignal) => ReturnType<OpenPipe>): OpenPipe {
		return (signal) => this.#connector.with(signal, (connection) => forward(connection, signal));
	}

	socketAgent(path: string, { relayed = false }: SocketOptions = {}): Agent {
		if (relayed) {
			return this.#agent(`relayed socket ${path}`, () =>
				createPipeAgent(() => (signal, use) => this.#relays.open({ path }, signal, use), { maxSockets: 4 }),
			);
		}
		// One refresh of a busy host opens a stream each for events, for logs, and for the statistics of every container.
		return this.#agent(`socket ${path}`, () =>
			createPipeAgent(() => this.#pipe((connection, signal) => forwardSocket(connection, path, signal)), {
				maxSockets: 64,
				// A verification needs them again each second. Each is a channel and a descriptor on the host, so connections that only a
				// busy moment has opened do not stay open.
				maxFreeSockets: 32,
				idleMs: 15_000,
			}),
		);
	}

	commandAgent(command: string): Agent {
		return this.#agent(`command ${command}`, () =>
			createPipeAgent(
				() => async (signal, use) => processPipe(await this.#start(command, { signal, givesWay: pooled(use) })),
				{ maxSockets: 2 },
			),
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
		for (const agent of this.#agents.values()) {
			agent.destroy();
		}
		await this.#connector.close();
	}
}
