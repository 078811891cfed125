import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ChannelCallback, PtyOptions, SshChannel, SshClient } from '../ssh-client.ts';
import { MuxChannel, type PacketSink, packetBytes, windowBytes } from './mux-channel.ts';
import { connectionMessage, controlMessage, createPacketCutter, type Field, FieldReader, message } from './wire.ts';

/** Messages of the control socket's protocol (PROTOCOL.mux of OpenSSH). */
const control = { hello: 0x0000_0001, proxy: 0x1000_000f, isProxy: 0x8000_000f, version: 4, request: 1 } as const;

/** TTY_OP_END: asks for no modes of the terminal (RFC 4254, 8). */
const endOfModes = 0;

/** A channel that was requested and is not open yet. */
interface Opening {
	readonly type: string;
	readonly opened: (channel: MuxChannel) => void;
	readonly failed: (error: Error) => void;
}

/** Passed in place of a channel to a callback of a request that failed. */
const none = undefined as unknown as SshChannel;

/**
 * The connection of an `ssh` that is a multiplexing master, used through its control socket. In proxy mode the socket carries the packets
 * of the connection protocol (RFC 4254) in both directions, so that a command or a forwarded connection needs no process of its own here.
 * Emits `ready`, `close`, and `error`.
 */
export class MuxClient extends EventEmitter implements SshClient, PacketSink {
	readonly #socket: Socket;
	readonly #channels = new Map<number, MuxChannel>();
	readonly #opening = new Map<number, Opening>();
	#last = 0;
	#greeted = false;
	#isReady = false;
	#failedToOpen = 0;
	#draining: (() => void)[] = [];

	/** @param socket connected to the control socket, or still connecting */
	constructor(socket: Socket) {
		super();
		this.#socket = socket;
		const cut = createPacketCutter();
		socket.on('data', (piece: Buffer) => {
			try {
				for (const packet of cut(piece)) {
					this.#take(packet);
				}
			} catch (error) {
				socket.destroy(error as Error);
			}
		});
		socket.on('drain', () => {
			for (const callback of this.#draining.splice(0)) {
				callback();
			}
		});
		socket.on('error', (error) => this.emit('error', error));
		socket.once('close', () => this.#lost());
		socket.write(controlMessage(control.hello, control.version));
		socket.write(controlMessage(control.proxy, control.request));
	}

	/** Number of channels that the server has refused: each stays in the master's table until the master ends. */
	get failedToOpen(): number {
		return this.#failedToOpen;
	}

	exec(command: string, ...rest: [ChannelCallback] | [{ readonly pty: PtyOptions }, ChannelCallback]): void {
		const [options, callback] = rest.length === 1 ? [undefined, rest[0]] : rest;
		const refuse = (channel: MuxChannel, why: string) => {
			channel.close();
			callback(new Error(why), none);
		};
		const run = (channel: MuxChannel) =>
			channel.request(
				'exec',
				(granted) => (granted ? callback(undefined, channel) : refuse(channel, 'Unable to exec')),
				command,
			);
		this.#open('session', [], {
			failed: (error) => callback(error, none),
			opened: (channel) => {
				if (options === undefined) {
					run(channel);
					return;
				}
				const { term, cols, rows } = options.pty;
				channel.request(
					'pty-req',
					(granted) => (granted ? run(channel) : refuse(channel, 'Unable to request a pseudo-terminal')),
					...[term, cols, rows, 0, 0, Buffer.from([endOfModes])],
				);
			},
		});
	}

	forwardOut(fromHost: string, fromPort: number, toHost: string, toPort: number, callback: ChannelCallback): void {
		this.#forward('direct-tcpip', [toHost, toPort, fromHost, fromPort], callback);
	}

	openssh_forwardOutStreamLocal(path: string, callback: ChannelCallback): void {
		this.#forward('direct-streamlocal@openssh.com', [path, '', 0], callback);
	}

	/**
	 * Calls back when the server has answered. It sends a request that the server does not know, about an open channel: this changes
	 * nothing, and must be answered (RFC 4254, 5.4). If no channel is open, it opens a session that runs nothing, and closes it again.
	 */
	ping(answered: () => void): void {
		for (const channel of this.#channels.values()) {
			if (channel.isOpen) {
				channel.request('ping@backout', answered);
				return;
			}
		}
		this.#open('session', [], {
			failed: answered,
			opened: (channel) => {
				channel.resume();
				channel.stderr.resume();
				channel.close();
				answered();
			},
		});
	}

	end(): void {
		this.#socket.end();
	}

	send(packet: Buffer): void {
		if (this.#socket.writable) {
			if (this.#socket.writableCorked === 0) {
				// Packets that are sent in one turn of the event loop go to the system at once.
				this.#socket.cork();
				process.nextTick(() => this.#socket.uncork());
			}
			this.#socket.write(packet);
		}
	}

	whenSent(callback: () => void): void {
		if (this.#socket.writableNeedDrain) {
			this.#draining.push(callback);
		} else {
			process.nextTick(callback);
		}
	}

	forget(id: number): void {
		this.#channels.delete(id);
	}

	#forward(type: string, fields: readonly Field[], callback: ChannelCallback): void {
		this.#open(type, fields, {
			failed: (error) => callback(error, none),
			opened: (channel) => callback(undefined, channel),
		});
	}

	#open(type: string, fields: readonly Field[], then: Omit<Opening, 'type'>): void {
		if (!this.#socket.writable) {
			throw new Error('Not connected');
		}
		this.#last++;
		this.#opening.set(this.#last, { type, ...then });
		this.send(connectionMessage(message.channelOpen, type, this.#last, windowBytes, packetBytes, ...fields));
	}

	#take(packet: Buffer): void {
		if (!this.#isReady) {
			this.#greet(new FieldReader(packet));
			return;
		}
		const fields = new FieldReader(packet, 1);
		const type = fields.byte();
		const id = fields.number();
		const opening = this.#opening.get(id);
		if (opening === undefined) {
			this.#channels.get(id)?.receive(type, fields);
			return;
		}
		this.#opening.delete(id);
		if (type === message.channelOpenConfirmation) {
			const channel = new MuxChannel(this, { id, remoteId: fields.number() }, fields.number(), fields.number());
			this.#channels.set(id, channel);
			opening.opened(channel);
		} else {
			this.#failedToOpen++;
			const reason = fields.number();
			opening.failed(Object.assign(new Error(`(SSH) Channel open failure: ${fields.text()}`), { reason }));
		}
	}

	#greet(fields: FieldReader): void {
		const type = fields.number();
		if (type === control.hello && !this.#greeted) {
			this.#greeted = true;
			const version = fields.number();
			if (version !== control.version) {
				throw new Error(`ssh's control socket speaks version ${version}, not ${control.version}`);
			}
		} else if (type === control.isProxy && this.#greeted) {
			this.#isReady = true;
			this.emit('ready');
		} else {
			throw new Error("ssh's control socket does not know the proxy mode (OpenSSH 7.4)");
		}
	}

	#lost(): void {
		const lost = new Error('the connection was lost');
		for (const channel of [...this.#channels.values()]) {
			channel.lost();
		}
		for (const { failed } of this.#opening.values()) {
			failed(lost);
		}
		this.#opening.clear();
		for (const callback of this.#draining.splice(0)) {
			callback();
		}
		this.emit('close');
	}
}
