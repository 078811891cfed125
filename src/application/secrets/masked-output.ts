import type { Masked } from '../../runbook/masked.ts';
import { createOutputMasker, type MaskedPiece } from '../../runbook/output-masker.ts';

/** After this time without a byte an unfinished line is shown as far as that is safe, ms. */
const settleMs = 150;

export interface MaskedOutput {
	push(bytes: Buffer, offset: number): void;
	/** A step has ended there: the rest of its last line is shown, and nothing continues it. */
	boundary(offset: number): void;
	/** Treats these values as secret from now on. */
	know(known: readonly string[]): void;
	/** Passes on everything that is still kept back. */
	end(): void;
}

/** Masks output on its way to the reader. `known`: the values of secrets; see `createOutputMasker`. */
export const maskOutput = (
	known: readonly string[],
	onOutput: (bytes: Masked<Buffer>, offset: number, to: number) => void,
): MaskedOutput => {
	let masker = createOutputMasker(known);
	let timer: NodeJS.Timeout | undefined;
	let received = 0;
	const boundaries = new Set<number>();
	const give = (pieces: readonly MaskedPiece[]) => {
		for (const { bytes, offset, to } of pieces) {
			onOutput(bytes, offset, to);
		}
	};
	const end = () => {
		clearTimeout(timer);
		give(masker.end());
	};
	return {
		push: (bytes, offset) => {
			clearTimeout(timer);
			received = offset + bytes.length;
			let from = 0;
			for (const at of [...boundaries].sort((a, b) => a - b)) {
				if (at > offset + from && at <= received) {
					boundaries.delete(at);
					give(masker.push(bytes.subarray(from, at - offset), offset + from));
					give(masker.end());
					from = at - offset;
				}
			}
			if (from < bytes.length) {
				give(masker.push(bytes.subarray(from), offset + from));
				timer = setTimeout(() => give(masker.settle()), settleMs);
			}
		},
		boundary: (offset) => {
			if (offset === received) {
				end();
			} else if (offset > received) {
				boundaries.add(offset);
			}
		},
		know: (values) => {
			end();
			masker = createOutputMasker(values);
		},
		end,
	};
};

/** Masks output that is read page by page. */
export async function* maskPages(
	known: readonly string[],
	pages: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Masked<Buffer>, void, void> {
	const masker = createOutputMasker(known);
	let at = 0;
	for await (const page of pages) {
		for (const { bytes } of masker.push(page, at)) {
			yield bytes;
		}
		at += page.length;
	}
	for (const { bytes } of masker.end()) {
		yield bytes;
	}
}
