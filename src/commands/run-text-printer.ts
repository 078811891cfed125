import type { Verification } from '../runbook/check.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import { gapNotice } from '../runbook/output-gap.ts';
import type { OutputGap, Run } from '../runbook/run.ts';
import { maskSecrets } from '../runbook/secrets.ts';
import { dim, glyph, green, indent, print, printMasked, safe, safeLines, yellow } from './print.ts';
import { atEnd, type Heading, RunHeadings } from './run-headings.ts';
import type { RunPrinter } from './run-printer.ts';

/** Wait of output for the record with its step, ms, at least: the two arrive on two streams. */
const holdMs = 120;
/** Longest wait of a record for the output before it, ms. */
const quietAfterMs = 2000;

/** Prints text: a heading for each step, its output as it arrives, and each change of a check. */
export const textPrinter = (): RunPrinter => new TextPrinter();

interface Piece {
	readonly bytes: Masked<Buffer>;
	readonly offset: number;
	readonly end: number;
}

class TextPrinter implements RunPrinter {
	readonly #output = new IndentedOutput();
	readonly #verification = new VerificationText();
	readonly #made = new RunHeadings();
	readonly #headings: Heading[] = [];
	readonly #held: { readonly piece: Piece | OutputGap; readonly at: number }[] = [];
	#timer: NodeJS.Timeout | undefined;
	/** Position up to which output has arrived. */
	#received = 0;
	/** Time since when a heading has been waiting for its output. */
	#early: number | undefined;

	run(run: Run): void {
		this.#headings.push(...this.#made.next(run));
		this.#later();
	}

	output(bytes: Masked<Buffer>, offset: number, end: number): void {
		this.#hold({ bytes: fromMasked(bytes, (all) => Buffer.from(all)), offset, end });
	}

	gap(gap: OutputGap): void {
		this.#hold(gap);
	}

	#hold(piece: Piece | OutputGap): void {
		this.#held.push({ piece, at: performance.now() });
		this.#later();
	}

	link(status: 'lost' | 'live', reason?: string): void {
		this.#flushAll();
		const lost =
			reason === undefined
				? 'the link is lost: the state on the host is unknown until it is back; the run continues there'
				: `${safe(reason)}: the state of the run is unknown until the host answers; it continues there`;
		print(status === 'lost' ? yellow(`? ${lost}`) : green('✓ attached'));
	}

	verification(verification: Verification): void {
		this.#flushAll();
		this.#verification.print(verification);
	}

	end(): void {
		this.#flushAll();
		this.#output.finishLine();
	}

	/** Prints what is held once its records have arrived; headings that came first wait for their output. */
	#later(): void {
		this.#timer ??= setTimeout(() => {
			// Pieces that have just arrived still wait for their own time.
			this.#flush(performance.now() - holdMs);
			const [next] = this.#headings;
			if (next === undefined) {
				this.#early = undefined;
				if (this.#held.length > 0) {
					this.#later();
				}
				return;
			}
			this.#early ??= Date.now();
			if (next.at === atEnd || Date.now() - this.#early >= quietAfterMs) {
				this.#flushAll();
			} else {
				this.#later();
			}
		}, holdMs);
	}

	#flushAll(): void {
		this.#flush(Number.POSITIVE_INFINITY);
		this.#early = undefined;
		this.#headingsUpTo(Number.POSITIVE_INFINITY);
	}

	/** Prints what arrived by then, ms of performance.now(). */
	#flush(arrivedBy: number): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const first = this.#held.findIndex(({ at }) => at > arrivedBy);
		const due = this.#held.splice(0, first < 0 ? this.#held.length : first);
		for (const { piece } of due) {
			if ('to' in piece) {
				this.#received = Math.max(this.#received, piece.to);
				this.#headingsUpTo(piece.from);
				this.#output.finishLine();
				print(dim(`  ${gapNotice(piece).trim()}`));
			} else {
				this.#received = Math.max(this.#received, piece.end);
				this.#writePiece(piece);
			}
		}
		this.#headingsUpTo(this.#received);
	}

	#writePiece({ bytes, offset, end }: Piece): void {
		this.#headingsUpTo(offset);
		if (end - offset !== bytes.length) {
			// Masked, so that no step begins in the middle of it.
			this.#output.write(bytes);
			return;
		}
		let at = 0;
		for (let [next] = this.#headings; next !== undefined && next.at < offset + bytes.length; [next] = this.#headings) {
			const [from, to] = [at, next.at - offset];
			this.#output.write(fromMasked(bytes, (all) => all.subarray(from, to)));
			at = to;
			this.#headingsUpTo(next.at);
		}
		const from = at;
		this.#output.write(fromMasked(bytes, (all) => all.subarray(from)));
	}

	#headingsUpTo(offset: number): void {
		for (let [next] = this.#headings; next !== undefined && next.at <= offset; [next] = this.#headings) {
			this.#headings.shift();
			this.#output.finishLine();
			print(next.text);
		}
	}
}

/** The output of steps, line by line. */
class IndentedOutput {
	#decoder = new TextDecoder();
	/** An unfinished line. */
	#partial = maskSecrets('');

	write(bytes: Masked<Buffer>): void {
		const text = fromMasked(bytes, (all) => this.#partial + this.#decoder.decode(all, { stream: true }));
		const end = text.lastIndexOf('\n');
		if (end >= 0) {
			this.#print(fromMasked(text, (all) => all.slice(0, end)));
		}
		this.#partial = fromMasked(text, (all) => all.slice(end + 1));
	}

	finishLine(): void {
		const text = fromMasked(this.#partial, (all) => all + this.#decoder.decode());
		this.#decoder = new TextDecoder();
		if (text.length > 0) {
			this.#print(text);
			this.#partial = maskSecrets('');
		}
	}

	#print(lines: Masked<string>): void {
		printMasked(fromMasked(lines, (all) => indent(safeLines(all))));
	}
}

/** Prints a verification, as far as it is new. */
class VerificationText {
	readonly #shown = new Map<string, string>();
	#holding = false;

	print({ checks, verdict, final, reason, holdingSince, settleSeconds }: Verification): void {
		for (const { id, title, state, reason: why, at } of checks) {
			// "Not checked yet" is no news.
			if (at > 0 && this.#shown.get(id) !== state) {
				this.#shown.set(id, state);
				print(`  ${glyph(state)} ${safe(title)}: ${state}, ${safe(why)}`);
			}
		}
		const holds = holdingSince !== undefined;
		if (holds !== this.#holding && !final) {
			this.#holding = holds;
			print(dim(holds ? `  all pass; they must keep passing for ${settleSeconds} s` : '  not all pass any more'));
		}
		if (final) {
			print(`  ${glyph(verdict)} ${safe(reason)}`);
		}
	}
}
