import { createOutputMasker, type MaskedPiece } from '../runbook/output-masker.ts';

/** After so long without a byte an unfinished line is shown as far as that is safe, ms. */
const settleMs = 150;

export interface MaskedOutput {
	push(bytes: Buffer, offset: number): void;
	/** Gives out what is still held back. */
	end(): void;
}

/** Masks output on its way to whoever shows it. `known`: the values of secrets; see `createOutputMasker`. */
export const maskOutput = (
	known: readonly string[],
	onOutput: (bytes: Buffer, offset: number) => void,
): MaskedOutput => {
	const masker = createOutputMasker(known);
	let timer: NodeJS.Timeout | undefined;
	const give = (pieces: readonly MaskedPiece[]) => {
		for (const { bytes, offset } of pieces) {
			onOutput(bytes, offset);
		}
	};
	return {
		push: (bytes, offset) => {
			clearTimeout(timer);
			give(masker.push(bytes, offset));
			timer = setTimeout(() => give(masker.settle()), settleMs);
		},
		end: () => {
			clearTimeout(timer);
			give(masker.end());
		},
	};
};

/** The same for output that is read page by page. */
export async function* maskPages(
	known: readonly string[],
	pages: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, void> {
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
