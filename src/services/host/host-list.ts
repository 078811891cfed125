import type { Agent } from 'node:http';
import { BackoutError } from '../../runbook/errors.ts';
import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import { execute } from './collect.ts';
import { type Candidate, type Choice, firstThatAnswers, type Refuses } from './first-that-answers.ts';
import type { ExecEnd, ExecOptions, ExecResult, Host, HostProcess, SocketOptions, SpawnOptions } from './host.ts';
import { createLinkStore } from './link-store.ts';
import { orAbort, sleep } from './sleep.ts';

export interface HostListOptions {
	/** The names of the hosts, in the order in which they are asked. */
	readonly names: readonly string[];
	/** Opens a connection to one of them, whose first failure is final. */
	readonly open: (name: string) => Host;
	readonly refuses: Refuses;
	/** True while the operator is asked a question, such as for a passphrase. */
	readonly isAsking?: () => boolean;
	/** True: when none answers, all are asked again, until it is closed. */
	readonly keepsTrying: boolean;
	readonly readOnly: boolean;
	/** Time for which a host stays the one, whatever is said of it, ms: what is asked again at once is not better known. Default 15 s. */
	readonly settledMs?: number;
}

/** Pause before all hosts are asked again, ms. */
const pauseMs = 5000;
/** The attempt to reconnect at which the others are asked: one has failed by then. */
const lostAttempt = 2;

/**
 * Several hosts by any of which one deployment is reached. It is the first that answers, and stays that one until it is lost, or says that it
 * cannot answer any more (`passOn`); then the others are asked. Its link says which one it is, and why it is not the first.
 */
export class HostList implements Host {
	readonly readOnly: boolean;
	readonly #link = createLinkStore('connecting');
	readonly link: Host['link'] = this.#link;
	readonly #options: HostListOptions;
	readonly #closing = new AbortController();
	#current: Candidate | undefined;
	/** Reason why the current one is asked instead of others; undefined when it is the first. */
	#instead: string | undefined;
	#chosen = Promise.withResolvers<Host>();
	#isChoosing = false;
	#chosenAt = 0;
	#stays = 0;
	#stopMirroring = () => {};
	#wake = new AbortController();
	readonly #opened = new Set<Host>();

	constructor(options: HostListOptions) {
		this.#options = options;
		this.readOnly = options.readOnly;
		this.#chosen.promise.catch(() => {});
		void this.#choose();
	}

	get name(): string {
		return this.#current?.name ?? this.#options.names[0] ?? '';
	}

	get relay(): string | undefined {
		return this.#current?.host.relay;
	}

	get tcpAgent(): Agent {
		return this.#now().tcpAgent;
	}

	socketAgent(path: string, options?: SocketOptions): Agent {
		return this.#now().socketAgent(path, options);
	}

	commandAgent(command: string): Agent {
		return this.#now().commandAgent(command);
	}

	async ready(signal?: AbortSignal): Promise<void> {
		await (await this.#get(signal)).ready(signal);
	}

	exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
		return execute(this, (signal) => this.spawn(command, { signal, short: true }), options);
	}

	async spawn(command: string, options: SpawnOptions = {}): Promise<HostProcess> {
		return (await this.#get(options.signal)).spawn(command, options);
	}

	async runInTerminal(command: string, terminal: LentTerminal, signal?: AbortSignal): Promise<ExecEnd> {
		return (await this.#get(signal)).runInTerminal(command, terminal, signal);
	}

	stay(): () => void {
		this.#stays += 1;
		let released = false;
		return () => {
			if (!released) {
				released = true;
				this.#stays -= 1;
				this.#leaveIfLost();
			}
		};
	}

	passOn(reason: string): void {
		const { settledMs = 15_000 } = this.#options;
		if (this.#link.get().status === 'up' && performance.now() - this.#chosenAt > settledMs) {
			this.#leave(reason);
		}
	}

	reconnect(): void {
		this.#wake.abort();
		this.#current?.host.reconnect();
		if (this.#link.get().status === 'refused' && this.#current === undefined) {
			this.#chosen = Promise.withResolvers<Host>();
			this.#chosen.promise.catch(() => {});
			void this.#choose();
		}
	}

	async close(): Promise<void> {
		const closed = new BackoutError('unreachable', 'the connection was closed', { host: this.name });
		this.#closing.abort(closed);
		this.#wake.abort();
		this.#stopMirroring();
		this.#chosen.reject(closed);
		await Promise.all([...this.#opened].map((host) => host.close()));
		this.#link.set({ status: 'closed' });
	}

	#get(signal?: AbortSignal): Promise<Host> {
		return orAbort(this.#current ? Promise.resolve(this.#current.host) : this.#chosen.promise, signal);
	}

	#now(): Host {
		if (this.#current === undefined) {
			throw new BackoutError('unreachable', 'none of the hosts answers yet', { host: this.name });
		}
		return this.#current.host;
	}

	#open(name: string): Candidate {
		const host = this.#options.open(name);
		this.#opened.add(host);
		return { name, host };
	}

	/** Asks the hosts, the current one with its open connection, until one answers or, unless it keeps trying, none does. */
	async #choose(why?: string): Promise<void> {
		const { names, refuses, keepsTrying, isAsking = () => false } = this.#options;
		const { signal } = this.#closing;
		if (this.#isChoosing || signal.aborted) {
			return;
		}
		this.#isChoosing = true;
		try {
			for (let attempt = 1; ; attempt++) {
				const before = this.#current;
				const open = names.map((name) => () => (name === before?.name ? { ...before, wasUp: true } : this.#open(name)));
				const choice = await firstThatAnswers(open, refuses, isAsking, signal);
				if (choice.chosen !== undefined) {
					this.#use(choice.chosen, choice, why);
					return;
				}
				this.#closeOthers(before?.host);
				if (before === undefined && !keepsTrying) {
					this.#refuse(choice);
					return;
				}
				await this.#pause(choice, attempt, before);
			}
		} catch {
			// It was closed.
		} finally {
			this.#isChoosing = false;
		}
	}

	#use(chosen: Candidate, { passedOver }: Choice, why: string | undefined): void {
		const before = this.#current;
		const others = passedOver.map(({ name, why: reason }) => `${name} (${reason})`);
		const isNew = before !== undefined && before.name !== chosen.name;
		if (isNew && why !== undefined && !passedOver.some(({ name }) => name === before.name)) {
			// It has not even said yet that it does not answer.
			others.unshift(`${before.name} (${why})`);
		}
		this.#instead = others.length === 0 ? undefined : `instead of ${others.join(' and ')}`;
		this.#current = chosen;
		this.#chosenAt = performance.now();
		this.#stopMirroring();
		this.#closeOthers(chosen.host);
		this.#chosen.resolve(chosen.host);
		this.#stopMirroring = chosen.host.link.subscribe(() => this.#mirror());
		this.#mirror();
	}

	#mirror(): void {
		const { since: _, ...state } = this.#now().link.get();
		this.#link.set({ ...state, host: this.name, ...(this.#instead !== undefined && { instead: this.#instead }) });
		this.#leaveIfLost();
	}

	#leaveIfLost(): void {
		const { status, attempt = 1, reason = 'it was lost' } = this.#link.get();
		if (status === 'refused' || (status === 'reconnecting' && attempt >= lostAttempt)) {
			this.#leave(reason);
		}
	}

	#leave(reason: string): void {
		// A run that is followed lives on the current one: what became of it is known there only.
		if (this.#stays === 0 && this.#current !== undefined) {
			void this.#choose(reason);
		}
	}

	#closeOthers(kept: Host | undefined): void {
		for (const host of [...this.#opened].filter((one) => one !== kept)) {
			this.#opened.delete(host);
			void host.close();
		}
	}

	#refuse({ passedOver }: Choice): void {
		const first = passedOver[0]?.error;
		const reason = passedOver.map(({ name, why }) => `${name}: ${why}`).join('; ');
		const next = first?.next;
		const facts = { host: this.#options.names.join(', '), ...(next !== undefined && { next }) };
		const error = new BackoutError(first?.code ?? 'unreachable', reason, facts);
		this.#link.set({ status: 'refused', reason, ...(next !== undefined && { next }) });
		this.#chosen.reject(error);
	}

	async #pause({ passedOver }: Choice, attempt: number, before: Candidate | undefined): Promise<void> {
		this.#wake = new AbortController();
		if (before === undefined) {
			const reason = passedOver.map(({ name, why }) => `${name}: ${why}`).join('; ');
			this.#link.set({ status: 'connecting', reason, attempt: attempt + 1, retryAt: Date.now() + pauseMs });
		}
		await sleep(pauseMs, AbortSignal.any([this.#wake.signal, this.#closing.signal]));
		this.#closing.signal.throwIfAborted();
	}
}
