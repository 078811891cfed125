/** Message numbers of the connection protocol (RFC 4254, 9). */
export const message = {
	channelOpen: 90,
	channelOpenConfirmation: 91,
	channelOpenFailure: 92,
	channelWindowAdjust: 93,
	channelData: 94,
	channelExtendedData: 95,
	channelEof: 96,
	channelClose: 97,
	channelRequest: 98,
	channelSuccess: 99,
	channelFailure: 100,
} as const;

/** A number of 32 bits, a byte as a boolean, or a string preceded by its length (RFC 4251, 5). */
export type Field = number | boolean | string | Buffer;

const sizeOf = (field: Field): number => {
	switch (typeof field) {
		case 'number':
			return 4;
		case 'boolean':
			return 1;
		case 'string':
			return 4 + Buffer.byteLength(field);
		default:
			return 4 + field.length;
	}
};

const write = (packet: Buffer, at: number, field: Field): number => {
	if (typeof field === 'number') {
		return packet.writeUInt32BE(field, at);
	}
	if (typeof field === 'boolean') {
		return packet.writeUInt8(field ? 1 : 0, at);
	}
	const bytes = typeof field === 'string' ? Buffer.from(field) : field;
	const begin = packet.writeUInt32BE(bytes.length, at);
	return begin + bytes.copy(packet, begin);
};

/** Concatenates fields, preceded by their total length and the given bytes. */
const framed = (head: readonly number[], fields: readonly Field[]): Buffer => {
	const size = fields.reduce<number>((sum, field) => sum + sizeOf(field), head.length);
	const packet = Buffer.allocUnsafe(4 + size);
	packet.writeUInt32BE(size, 0);
	packet.set(head, 4);
	let at = 4 + head.length;
	for (const field of fields) {
		at = write(packet, at, field);
	}
	return packet;
};

/** Builds a message for ssh's control socket (PROTOCOL.mux of OpenSSH): a length, and fields. */
export const controlMessage = (...fields: readonly Field[]): Buffer => framed([], fields);

/** Builds a message of the connection protocol, as the control socket carries it in proxy mode: without padding, not encrypted. */
export const connectionMessage = (type: number, ...fields: readonly Field[]): Buffer => framed([0, type], fields);

/** Reads the fields of a packet one by one. Throws a RangeError beyond its end. */
export class FieldReader {
	readonly #bytes: Buffer;
	#at: number;

	constructor(bytes: Buffer, at = 0) {
		this.#bytes = bytes;
		this.#at = at;
	}

	byte(): number {
		return this.#bytes.readUInt8(this.#at++);
	}

	number(): number {
		const value = this.#bytes.readUInt32BE(this.#at);
		this.#at += 4;
		return value;
	}

	bytes(): Buffer {
		const length = this.number();
		if (this.#at + length > this.#bytes.length) {
			throw new RangeError('a string goes beyond the end of its packet');
		}
		this.#at += length;
		return this.#bytes.subarray(this.#at - length, this.#at);
	}

	text(): string {
		return this.bytes().toString('utf8');
	}
}

/** Returns a function that takes pieces of a stream and returns whole packets, each without its length. */
export const createPacketCutter = (): ((piece: Buffer) => readonly Buffer[]) => {
	let pieces: Buffer[] = [];
	let held = 0;
	let wanted = 4;
	return (piece) => {
		pieces.push(piece);
		held += piece.length;
		const packets: Buffer[] = [];
		if (held < wanted) {
			return packets;
		}
		const bytes = pieces.length === 1 ? piece : Buffer.concat(pieces);
		let at = 0;
		wanted = 4;
		while (bytes.length - at >= 4) {
			const end = at + 4 + bytes.readUInt32BE(at);
			if (end > bytes.length) {
				wanted = end - at;
				break;
			}
			packets.push(bytes.subarray(at + 4, end));
			at = end;
		}
		pieces = at === bytes.length ? [] : [bytes.subarray(at)];
		held = bytes.length - at;
		return packets;
	};
};
