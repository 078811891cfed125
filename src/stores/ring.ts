/** The newest bytes of a stream, in memory of a fixed size. Offsets are those of the stream. */
export class ByteRing {
	readonly capacity: number;
	readonly #data: Uint8Array;
	#end = 0;

	constructor(capacity: number) {
		this.capacity = capacity;
		this.#data = new Uint8Array(capacity);
	}

	/** The offset after the last byte. */
	get end(): number {
		return this.#end;
	}

	/** The offset of the oldest byte in memory. */
	get oldest(): number {
		return Math.max(0, this.#end - this.capacity);
	}

	/** Copies bytes, at most `capacity` of them. */
	append(bytes: Uint8Array): void {
		const at = this.#end % this.capacity;
		const room = this.capacity - at;
		if (bytes.length > room) {
			this.#data.set(bytes.subarray(0, room), at);
			this.#data.set(bytes.subarray(room), 0);
		} else {
			this.#data.set(bytes, at);
		}
		this.#end += bytes.length;
	}

	at(offset: number): number | undefined {
		return this.#data[offset % this.capacity];
	}

	/** Returns bytes in memory; a view that is valid until the next append, unless they wrap around the end. */
	slice(from: number, to: number): Uint8Array {
		const at = from % this.capacity;
		const length = to - from;
		if (at + length <= this.capacity) {
			return this.#data.subarray(at, at + length);
		}
		const joined = new Uint8Array(length);
		joined.set(this.#data.subarray(at));
		joined.set(this.#data.subarray(0, length - (this.capacity - at)), this.capacity - at);
		return joined;
	}
}
