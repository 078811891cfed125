/**
 * Splits a stream of bytes into lines of UTF-8. A line longer than `maxBytes` is cut there and its rest dropped, so that a line of any
 * length costs limited memory. `\r\n` ends a line like `\n`.
 */
export interface LineCutter {
	push(bytes: Buffer): string[];
	/** Returns the rest without a line end; undefined when there is none. */
	end(): string | undefined;
}

export const createLineCutter = (maxBytes = 65_536): LineCutter => {
	let parts: Buffer[] = [];
	let length = 0;
	const keep = (piece: Buffer) => {
		if (piece.length > 0 && length < maxBytes) {
			const kept = piece.subarray(0, maxBytes - length);
			parts.push(kept);
			length += kept.length;
		}
	};
	const take = (): string => {
		const text = (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).toString('utf8');
		parts = [];
		length = 0;
		return text.endsWith('\r') ? text.slice(0, -1) : text;
	};
	return {
		push: (bytes) => {
			const lines: string[] = [];
			let from = 0;
			for (let to = bytes.indexOf(10, from); to !== -1; to = bytes.indexOf(10, from)) {
				keep(bytes.subarray(from, to));
				lines.push(take());
				from = to + 1;
			}
			// Copied, so that the whole network buffer need not stay in memory.
			keep(Buffer.from(bytes.subarray(from)));
			return lines;
		},
		end: () => (length === 0 ? undefined : take()),
	};
};
