import { Duplex, Readable } from 'node:stream';
import type { SshChannel } from '../ssh-client.ts';
import { connectionMessage, type Field, type FieldReader, message } from './wire.ts';

/** What may come before it is read, bytes: the window of RFC 4254, 5.2. */
export const windowBytes = 2 * 1024 * 1024;

/** The longest piece of data in one packet, bytes. */
export const packetBytes = 32 * 1024;

/** Where a channel's packets go. */
export interface PacketSink {
	send(packet: Buffer): void;
	/** Calls back when the system has taken what was sent. */
	whenSent(callback: () => void): void;
	/** Nothing more comes for this channel. */
	forget(id: number): void;
}

/** One channel of the connection protocol (RFC 4254, 5). */
export class MuxChannel extends Duplex implements SshChannel {
	readonly stderr: Readable;
	readonly #sink: PacketSink;
	readonly #id: number;
	readonly #remoteId: number;
	readonly #mostInPacket: number;
	/** What may still be sent, and still come. */
	#sendWindow: number;
	#receiveWindow = windowBytes;
	#outputFull = false;
	#errorsFull = false;
	/** What waits for the window, and who waits for it. */
	#waiting: { readonly bytes: Buffer; readonly done: () => void } | undefined;
	#closeSent = false;
	#over = false;
	#isEnding = false;
	/** How many of the two outputs were not read to their end. */
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

	/** Asks the server for something; the answers come in the order of the questions. */
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

	/** Takes a packet of the server, read up to the channel's number. */
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

	/** Nothing more comes: it is closed, or the connection is gone. */
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

	/** Lets more come once what came is read: who does not read stops the sender. */
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
				// Nobody has to read nothing.
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
			// A sign of life that the server asks for (ClientAliveInterval) is such a request; any answer will do.
			this.#send(message.channelFailure);
		}
	}

	#sayClosed(): void {
		if (this.#over && this.#unread === 0) {
			this.emit('close');
		}
	}
}
