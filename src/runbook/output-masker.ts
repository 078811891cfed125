import { withoutColours } from './colours.ts';
import type { Masked } from './masked.ts';
import { MaskedLines } from './masked-lines.ts';

/** A piece of output that may be shown; `offset` and `to` are its start and end in the host's output. */
export interface MaskedPiece {
	readonly bytes: Masked<Buffer>;
	readonly offset: number;
	readonly to: number;
}

/** Marks bytes as masked: of lines that were masked, or need no masking. */
const shownBytesOf = (bytes: Buffer): Masked<Buffer> => bytes as Masked<Buffer>;

/** Masks a run's output as it arrives. The pieces of all results, in order, are the output. */
export interface OutputMasker {
	/** Takes bytes as they arrive, cut anywhere, and returns whole lines. */
	push(bytes: Buffer, offset: number): readonly MaskedPiece[];
	/** Returns the part of an unfinished line that can be shown: without its last word, which may continue. */
	settle(): readonly MaskedPiece[];
	/** Returns everything that is left. */
	end(): readonly MaskedPiece[];
}

const LF = 10;
const CR = 13;

/** An unfinished line is kept back up to this length, bytes. */
const longestLine = 65_536;

const lastLineEnd = (bytes: Buffer): number => Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR));

/**
 * Masks what `maskSecrets` masks, and these values everywhere, in each of their forms (`formsPattern`), with colours inside, too. Bytes that
 * are not UTF-8 pass unchanged.
 */
export const createOutputMasker = (known: readonly string[] = []): OutputMasker => new HeldOutputMasker(known);

/** Masks whole lines; of an unfinished line, only the part that is safe to show is returned. */
class HeldOutputMasker implements OutputMasker {
	readonly #lines: MaskedLines;
	#held: Buffer = Buffer.alloc(0);
	#heldAt = 0;
	/** The masked part of the unfinished line that was shown, and its length in unmasked bytes. */
	#shown = '';
	#shownBytes = 0;

	constructor(known: readonly string[]) {
		this.#lines = new MaskedLines(known);
	}

	push(bytes: Buffer, offset: number): readonly MaskedPiece[] {
		const pieces: MaskedPiece[] = offset === this.#heldAt + this.#held.length ? [] : this.end();
		if (this.#held.length === 0) {
			this.#heldAt = offset;
		}
		const next = this.#held.length === 0 ? bytes : this.#finishHeld(bytes, pieces);
		if (next.length > 0) {
			// The complete lines; a line end left over from the line before is an empty line of its own.
			const whole = lastLineEnd(next) + 1;
			if (whole > 0) {
				pieces.push(...this.#maskLines(next.subarray(0, whole), this.#heldAt));
			}
			this.#held = Buffer.from(next.subarray(whole));
			this.#heldAt += whole;
		}
		if (this.#held.length > longestLine) {
			const sure = this.#sureBytes();
			const cut = sure > longestLine / 2 ? sure : this.#held.length;
			pieces.push(...this.#restOfHeld(cut));
			this.#letGo(cut);
		}
		return pieces;
	}

	settle(): readonly MaskedPiece[] {
		const sure = this.#sureBytes();
		return sure <= this.#shownBytes ? [] : this.#restOfHeld(sure, 'look');
	}

	end(): MaskedPiece[] {
		const pieces = this.#held.length === 0 ? [] : this.#restOfHeld(this.#held.length);
		this.#letGo(this.#held.length);
		return pieces;
	}

	/** Adds bytes to the unfinished line, up to its end. Returns the remaining bytes. */
	#finishHeld(bytes: Buffer, pieces: MaskedPiece[]): Buffer {
		const lf = bytes.indexOf(LF);
		const cr = bytes.indexOf(CR);
		const stop = Math.min(lf < 0 ? bytes.length : lf, cr < 0 ? bytes.length : cr);
		this.#held = Buffer.concat([this.#held, bytes.subarray(0, stop)]);
		const next = bytes.subarray(stop);
		if (next.length > 0) {
			pieces.push(...this.end());
		}
		return next;
	}

	/** Masks whole lines. Consecutive lines that do not change make one piece. */
	#maskLines(bytes: Buffer, offset: number): MaskedPiece[] {
		const pieces: MaskedPiece[] = [];
		let passed = 0;
		this.#lines.maskAll(bytes.toString('latin1'), (start, stop, masked) => {
			if (start > passed) {
				pieces.push({
					bytes: shownBytesOf(bytes.subarray(passed, start)),
					offset: offset + passed,
					to: offset + start,
				});
			}
			pieces.push({ bytes: shownBytesOf(Buffer.from(masked, 'latin1')), offset: offset + start, to: offset + stop });
			passed = stop;
		});
		if (passed < bytes.length) {
			pieces.push({ bytes: shownBytesOf(bytes.subarray(passed)), offset: offset + passed, to: offset + bytes.length });
		}
		return pieces;
	}

	/** Returns the unfinished line up to `to` bytes, without the part that was shown. */
	#restOfHeld(to: number, look?: 'look'): MaskedPiece[] {
		const masked = this.#lines.mask(this.#held.toString('latin1', 0, to), look);
		// Colours are left out of a line when a secret in it has some; the part that was shown may have had others.
		const shown = masked.startsWith(this.#shown) ? this.#shown : withoutColours(this.#shown);
		const bytes = shownBytesOf(Buffer.from(masked.slice(shown.length), 'latin1'));
		const piece = { bytes, offset: this.#heldAt + this.#shownBytes, to: this.#heldAt + to };
		this.#shown = masked.length > this.#shown.length ? masked : this.#shown;
		this.#shownBytes = to;
		return bytes.length === 0 ? [] : [piece];
	}

	#letGo(count: number): void {
		this.#held = this.#held.subarray(count);
		this.#heldAt += count;
		this.#shown = '';
		this.#shownBytes = 0;
	}

	/** Returns how many bytes of the unfinished line can be shown: without its last word, and without what may begin a secret. */
	#sureBytes(): number {
		const text = this.#held.toString('latin1');
		let sure = text.length;
		const word = /[^\s]*$/.exec(text)?.[0] ?? '';
		if (/[A-Za-z0-9\u0080-\u00ff]/.test(word)) {
			sure -= word.length;
		}
		for (const value of this.#lines.values) {
			for (let length = Math.min(value.length - 1, text.length); length > text.length - sure; length--) {
				if (text.endsWith(value.slice(0, length))) {
					sure = text.length - length;
				}
			}
		}
		return sure;
	}
}
