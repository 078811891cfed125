import { BackoutError } from '../../runbook/errors.ts';
import type { LinkState } from '../../runbook/link.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../host/host.ts';
import { createLinkStore, type LinkStore } from '../host/link-store.ts';
import { createLoginTime, type LoginTime } from '../host/login-time.ts';
import { orAbort, sleep } from '../host/sleep.ts';
import type { Connection } from './connection.ts';
import { watchForLoss } from './connection-loss.ts';
import type { Dialled } from './dial.ts';
import { Dialler, type DiallerOptions } from './dialler.ts';
import { connectionFailed, DroppedEarly } from './errors.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { createKeyRing, type KeyRing } from './keys.ts';
import { createSessions } from './sessions.ts';
import { sliceReads } from './time-sliced-reads.ts';
import { warmUp } from './warm-up.ts';

const mostSessions = 5;
/** Number of times that a server may close a connection before the login, until a caller that does not wait is told. */
const mostDropped = 5;
const backoffMs = [500, 1000, 2000, 4000, 8000, 15_000];

export interface SshHostOptions extends DiallerOptions {
	readonly retryFirst?: boolean;
	/** Keys that several connections share: a key that is unlocked for one is unlocked for all. */
	readonly keys?: KeyRing;
	/** Waits until a connection may be made. The function that it resolves to is called once the attempt has succeeded or failed. */
	readonly turn?: (signal: AbortSignal) => Promise<() => void>;
}

/** Keeps one connection up: connects, watches it, reconnects with growing pauses, and stops only when it is refused or closed. */
export class Connector {
	readonly link: Host['link'];
	readonly #link: LinkStore = createLinkStore('connecting');
	readonly #target: Pick<Target, 'host' | 'ssh'>;
	readonly #options: SshHostOptions;
	readonly #closing = new AbortController();
	readonly #keys: KeyRing;
	readonly #dialler: Dialler;
	#connection: Connection | undefined;
	#refusal: BackoutError | undefined;
	#dialled: Dialled | undefined;
	#wasUp = false;
	/** Ends the pause before the next attempt. */
	#wake = new AbortController();
	#changed = Promise.withResolvers<void>();
	#rttMs: number | undefined;
	#heardAt: number | undefined;
	#transport: string | undefined;
	#loginMs: number | undefined;
	/** Number of sessions that the server allowed on the previous connection. */
	#sessionLimit = Number.POSITIVE_INFINITY;
	readonly #running: Promise<void>;

	constructor(target: Pick<Target, 'host' | 'ssh'>, options: SshHostOptions) {
		this.link = this.#link;
		this.#target = target;
		this.#options = options;
		this.#keys = options.keys ?? createKeyRing();
		this.#dialler = new Dialler(target, options, this.#keys);
		this.#running = this.#run();
	}

	/** Returns the connection, and waits while it is down. Rejects when it is refused or closed, or with the signal's reason. */
	async connection(signal?: AbortSignal): Promise<Connection> {
		for (;;) {
			signal?.throwIfAborted();
			if (this.#closing.signal.aborted) {
				throw this.#closing.signal.reason;
			}
			if (this.#connection?.alive()) {
				return this.#connection;
			}
			if (this.#refusal) {
				throw this.#refusal;
			}
			await orAbort(this.#changed.promise, signal);
		}
	}

	/**
	 * Calls `start` with the connection, and again with the next one if the link went down meanwhile: so `start` must have started nothing
	 * on the host when it throws.
	 */
	async with<T>(signal: AbortSignal, start: (connection: Connection) => Promise<T>): Promise<T> {
		for (;;) {
			const connection = await this.connection(signal);
			try {
				return await start(connection);
			} catch (error) {
				signal.throwIfAborted();
				if (connection.alive()) {
					throw error;
				}
			}
		}
	}

	/** Number of sessions that the server allows at once; undefined unless it allows fewer than are wanted. */
	get sessionLimit(): number | undefined {
		const limit = this.#connection?.sessions.limit ?? this.#sessionLimit;
		return limit < mostSessions ? limit : undefined;
	}

	/** The time that a login takes on the connection that is up. */
	get login(): LoginTime | undefined {
		return this.#connection?.login;
	}

	/** Tries again at once; gives up a connection that is up but silent. */
	reconnect(): void {
		if (this.#link.get().status === 'silent') {
			this.#dialled?.destroy();
		}
		if (this.#refusal !== undefined) {
			this.#keys.askAgain();
		}
		this.#wake.abort();
	}

	async close(): Promise<void> {
		this.#closing.abort(new BackoutError('unreachable', 'the connection was closed', { host: this.#target.host }));
		this.#wake.abort();
		await this.#running;
	}

	#tell(): void {
		this.#changed.resolve();
		this.#changed = Promise.withResolvers<void>();
	}

	#set(state: Omit<LinkState, 'since' | 'rttMs' | 'heardAt' | 'transport' | 'loginMs'>): void {
		this.#link.set({
			...state,
			...(this.#transport === undefined ? {} : { transport: this.#transport }),
			...(this.#loginMs === undefined ? {} : { loginMs: this.#loginMs }),
			...(this.#rttMs === undefined ? {} : { rttMs: this.#rttMs }),
			...(this.#heardAt === undefined ? {} : { heardAt: this.#heardAt }),
		});
	}

	async #run(): Promise<void> {
		const { signal } = this.#closing;
		let attempt = 0;
		let why: BackoutError | undefined;
		while (!signal.aborted) {
			attempt++;
			const trying = this.#wasUp ? 'reconnecting' : 'connecting';
			const told = why ? { reason: why.message, ...(why.next ? { next: why.next } : {}), attempt } : {};
			this.#wake = new AbortController();
			this.#set({ status: trying, ...told });
			let turnOver: (() => void) | undefined;
			try {
				turnOver = await this.#options.turn?.(signal);
				why = await this.#connectAndStay(() => {
					attempt = 0;
					turnOver?.();
				});
			} catch (error) {
				if (signal.aborted) {
					break;
				}
				why = connectionFailed(error, this.#target.host);
			} finally {
				turnOver?.();
			}
			if (signal.aborted) {
				break;
			}
			const mayPass = why instanceof DroppedEarly && attempt < mostDropped;
			const final = why.code !== 'unreachable' || (!this.#wasUp && this.#options.retryFirst === false && !mayPass);
			if (final) {
				await this.#refuse(why);
				attempt = 0;
				why = undefined;
			} else {
				await this.#pause(why, attempt);
			}
		}
		this.#link.set({ status: 'closed' });
		this.#tell();
	}

	/** Stays refused until somebody asks for another attempt, which reads the configuration again. */
	async #refuse(why: BackoutError): Promise<void> {
		this.#refusal = why;
		this.#dialler.forget();
		this.#wake = new AbortController();
		this.#set({ status: 'refused', reason: why.message, ...(why.next ? { next: why.next } : {}) });
		this.#tell();
		if (!this.#closing.signal.aborted) {
			await new Promise((resolve) => this.#wake.signal.addEventListener('abort', resolve, { once: true }));
		}
		this.#refusal = undefined;
	}

	async #pause(why: BackoutError, attempt: number): Promise<void> {
		const base = backoffMs[Math.min(attempt, backoffMs.length - 1)] ?? 15_000;
		// Random, so that operators who lost the same host do not all come back at the same moment.
		const pause = Math.round(base * (0.8 + Math.random() * 0.4));
		this.#wake = new AbortController();
		this.#set({
			status: this.#wasUp ? 'reconnecting' : 'connecting',
			reason: why.message,
			...(why.next ? { next: why.next } : {}),
			attempt: attempt + 1,
			retryAt: Date.now() + pause,
		});
		await sleep(pause, AbortSignal.any([this.#wake.signal, this.#closing.signal]));
	}

	/** Connects, stays connected, and returns the reason why the connection ended. Throws if it could not connect. */
	async #connectAndStay(onUp: () => void): Promise<BackoutError> {
		const { signal } = this.#closing;
		const { dialled, server, transport } = await this.#dialler.dial(signal);
		this.#dialled = dialled;
		this.#transport = transport;
		let heartbeat: Heartbeat | undefined;
		const loss = watchForLoss(dialled, server, this.#target.host);
		const abort = () => {
			if (dialled.finish === undefined) {
				dialled.client.end();
			}
			loss.lose('closed');
		};
		try {
			signal.throwIfAborted();
			if (loss.reason) {
				throw loss.reason;
			}
			signal.addEventListener('abort', abort, { once: true });
			this.#wasUp = true;
			onUp();
			const sessions = createSessions(mostSessions, this.#sessionLimit);
			this.#connection = {
				client: dialled.client,
				sessions,
				login: createLoginTime((ms) => this.#noteLogin(ms)),
				alive: () => !loss.reason && !dialled.socket.destroyed,
			};
			sliceReads(dialled.socket);
			heartbeat = this.#startHeartbeat(dialled, loss.lose);
			this.#heardAt = heartbeat.heardAt();
			this.#set({ status: 'up' });
			this.#tell();
			const warmingUp = setImmediate(() => warmUp(dialled.client, sessions));
			void loss.ended.then(() => clearImmediate(warmingUp));
			const why = await loss.ended;
			this.#heardAt = heartbeat.heardAt();
			this.#sessionLimit = sessions.limit;
			return why;
		} finally {
			this.#connection = undefined;
			this.#dialled = undefined;
			heartbeat?.stop();
			signal.removeEventListener('abort', abort);
			if (signal.aborted) {
				await dialled.finish?.();
			}
			dialled.destroy();
		}
	}

	#startHeartbeat(dialled: Dialled, lose: (reason: string) => void): Heartbeat {
		const heartbeat = startHeartbeat(dialled, {
			rtt: (measured) => {
				this.#noteRtt(measured);
				// Only while no short command runs: the callers of long ones start them again.
				if ((dialled.refusalsLeft?.() ?? 1) <= 0 && this.#connection?.sessions.short === 0) {
					lose('the server has refused so many channels that ssh has to be started anew');
				}
			},
			silent: (silent) => {
				this.#heardAt = heartbeat.heardAt();
				this.#set(silent ? { status: 'silent', reason: 'nothing heard from the host' } : { status: 'up' });
			},
			lost: (seconds) => lose(`nothing was heard for ${seconds} s`),
		});
		return heartbeat;
	}

	#noteLogin(ms: number | undefined): void {
		this.#loginMs = ms;
		if (this.#link.get().status === 'up') {
			this.#set({ status: 'up' });
		}
	}

	/** Publishes a round trip only if a person would see the difference. */
	#noteRtt(measured: number): void {
		const shown = this.#link.get().rttMs;
		this.#rttMs = Math.round(measured * 10) / 10;
		const differs = shown === undefined || Math.abs(shown - measured) > Math.max(5, shown * 0.25);
		if (differs && this.#link.get().status === 'up') {
			this.#set({ status: 'up' });
		}
	}
}
