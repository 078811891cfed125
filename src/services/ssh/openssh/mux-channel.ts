import { Duplex, Readable } from 'node:stream';
import type { SshChannel } from '../ssh-client.ts';
import { connectionMessage, type Field, type FieldReader, message } from './wire.ts';

/** Number of bytes that may arrive before they are read: the window of RFC 4254, 5.2. */
export const windowBytes = 2 * 1024 * 1024;

/** Maximum length of the data in one packet, bytes. */
export const packetBytes = 32 * 1024;

/** Sends the packets of a channel. */
export interface PacketSink {
	send(packet: Buffer): void;
	/** Calls back when the system has accepted everything that was sent. */
	whenSent(callback: () => void): void;
	/** Forgets a channel, for which nothing more arrives. */
	forget(id: number): void;
}

/** One channel of the connection protocol (RFC 4254, 5). */
export class MuxChannel extends Duplex implements SshChannel {
	readonly stderr: Readable;
	readonly #sink: PacketSink;
	readonly #id: number;
	readonly #remoteId: number;
	readonly #mostInPacket: number;
	/** Number of bytes that may still be sent, and received. */
	#sendWindow: number;
	#receiveWindow = windowBytes;
	#outputFull = false;
	#errorsFull = false;
	/** Bytes that wait for the send window, and the callback of their writer. */
	#waiting: { readonly bytes: Buffer; readonly done: () => void } | undefined;
	#closeSent = false;
	#over = false;
	#isEnding = false;
	/** Number of the two outputs that have not been read to their end. */
	#unread = 2;
	readonly #answers: ((granted: boolean) => void)[] = [];

	constructor(sink: PacketSink, ids: { readonly id: number; readonly remoteId: number }, window: number, most: number) {
		super({ autoDestroy: false, emitClose: false, highWaterMark: packetBytes });
		this.#sink = sink;
		this.#id = ids.id;
		this.#remoteId = ids.remoteId;
		this.#sendWindow = window;
		this.#mostInPacket = Math.max(1, Math.min(most, packetBytes));
		this.stderr = new Readable({
			autoDestroy: false,
			emitClose: false,
			highWaterMark: packetBytes,
			read: () => {
				this.#errorsFull = false;
				this.#widen();
			},
		});
		const wasRead = () => {
			this.#unread--;
			this.#sayClosed();
		};
		this.once('end', wasRead);
		this.stderr.once('end', wasRead);
	}

	/** True until either side has closed it. */
	get isOpen(): boolean {
		return !(this.#closeSent || this.#over);
	}

	/** Sends a request to the server. The answers arrive in the order of the requests. */
	request(name: string, answered: (granted: boolean) => void, ...fields: readonly Field[]): void {
		this.#answers.push(answered);
		this.#send(message.channelRequest, name, true, ...fields);
	}

	signal(name: string): void {
		if (this.isOpen) {
			this.#send(message.channelRequest, 'signal', false, name);
		}
	}

	setWindow(rows: number, columns: number, height: number, width: number): void {
		if (this.isOpen) {
			this.#send(message.channelRequest, 'window-change', false, columns, rows, width, height);
		}
	}

	close(): void {
		if (!this.#closeSent) {
			this.#closeSent = true;
			this.#send(message.channelClose);
		}
	}

	/** Handles a packet from the server, which was read up to the channel's number. */
	receive(type: number, fields: FieldReader): void {
		switch (type) {
			case message.channelWindowAdjust:
				this.#sendWindow += fields.number();
				this.#sendWaiting();
				break;
			case message.channelData:
				this.#outputFull = !this.#came(this, fields.bytes());
				this.#widen();
				break;
			case message.channelExtendedData:
				fields.number();
				this.#errorsFull = !this.#came(this.stderr, fields.bytes());
				this.#widen();
				break;
			case message.channelEof:
				this.#ended();
				break;
			case message.channelRequest:
				this.#asked(fields);
				break;
			case message.channelSuccess:
			case message.channelFailure:
				this.#answers.shift()?.(type === message.channelSuccess);
				break;
			case message.channelClose:
				this.close();
				this.lost();
				break;
		}
	}

	/** Ends the channel: it is closed, or the connection is gone. */
	lost(): void {
		if (this.#over) {
			return;
		}
		this.#over = true;
		this.#sink.forget(this.#id);
		for (const answered of this.#answers.splice(0)) {
			answered(false);
		}
		this.#waiting?.done();
		this.#waiting = undefined;
		this.#ended();
		this.#sayClosed();
	}

	override _read(): void {
		this.#outputFull = false;
		this.#widen();
	}

	override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
		if (!this.isOpen) {
			done();
			return;
		}
		this.#waiting = { bytes, done };
		this.#sendWaiting();
	}

	override _final(done: () => void): void {
		if (this.isOpen) {
			this.#send(message.channelEof);
		}
		done();
	}

	#send(type: number, ...fields: readonly Field[]): void {
		this.#sink.send(connectionMessage(type, this.#remoteId, ...fields));
	}

	#sendWaiting(): void {
		const waiting = this.#waiting;
		if (waiting === undefined || this.#sendWindow === 0) {
			return;
		}
		let { bytes } = waiting;
		while (bytes.length > 0 && this.#sendWindow > 0) {
			const piece = bytes.subarray(0, Math.min(this.#sendWindow, this.#mostInPacket));
			this.#send(message.channelData, piece);
			this.#sendWindow -= piece.length;
			bytes = bytes.subarray(piece.length);
		}
		this.#waiting = bytes.length > 0 ? { ...waiting, bytes } : undefined;
		if (this.#waiting === undefined) {
			this.#sink.whenSent(waiting.done);
		}
	}

	#came(stream: Readable, bytes: Buffer): boolean {
		this.#receiveWindow -= bytes.length;
		return this.#isEnding || stream.push(bytes);
	}

	/** Lets the server send more once data was read, so that a slow reader slows the server down. */
	#widen(): void {
		const room = windowBytes - this.#receiveWindow;
		if (room >= windowBytes / 2 && this.isOpen && !this.#outputFull && !this.#errorsFull) {
			this.#receiveWindow = windowBytes;
			this.#send(message.channelWindowAdjust, room);
		}
	}

	#ended(): void {
		if (!this.#isEnding) {
			this.#isEnding = true;
			this.push(null);
			this.stderr.push(null);
			if (this.stderr.readableLength === 0) {
				// Nobody needs to read a stream that is empty.
				this.stderr.resume();
			}
		}
	}

	#asked(fields: FieldReader): void {
		const name = fields.text();
		const wantsAnswer = fields.byte() !== 0;
		if (name === 'exit-status') {
			this.emit('exit', fields.number());
		} else if (name === 'exit-signal') {
			this.emit('exit', null, `SIG${fields.text()}`);
		} else if (wantsAnswer && this.isOpen) {
			// The server checks with such requests whether we are alive (ClientAliveInterval); any answer will do.
			this.#send(message.channelFailure);
		}
	}

	#sayClosed(): void {
		if (this.#over && this.#unread === 0) {
			this.emit('close');
		}
	}
}
