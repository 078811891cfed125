import { gapNotice } from '../../runbook/output-gap.ts';
import { writeNewFile } from '../../services/files/new-file.ts';
import type { Host } from '../../services/host/host.ts';
import { outputPieces, type StateOptions } from '../../services/runner/runner.ts';
import type { OutputBuffer } from '../../stores/output-buffer.ts';
import type { SavedFile } from '../../stores/workspace.ts';
import { maskPages } from '../secrets/masked-output.ts';

/** The host and target of the runs. */
interface Place {
	readonly host: Host;
	readonly target: StateOptions;
}

/** `secrets`: values that are masked everywhere, besides what looks like a secret. */
interface SaveOptions {
	readonly folder: string;
	readonly signal: AbortSignal;
	readonly secrets?: readonly string[];
}

/** Small enough to arrive over a hotspot within the timeout of one read. */
const pageBytes = 512 * 1024;

async function* pages(place: Place, run: string, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
	for await (const piece of outputPieces(place.host, place.target, run, { pageBytes, signal })) {
		yield 'gap' in piece ? Buffer.from(gapNotice(piece.gap)) : piece.bytes;
	}
}

function* linesInMemory(output: OutputBuffer): Generator<Uint8Array, void, void> {
	for (let line = output.firstLine; line < output.lineCount; line++) {
		yield Buffer.concat([output.line(line) ?? new Uint8Array(), Buffer.from('\n')]);
	}
}

/**
 * Saves the whole output of a run, from its first byte, into a new file of the folder; secrets are masked. Output that arrives meanwhile is
 * included up to the last page. Throws BackoutError: what `readOutput` and `writeNewFile` throw.
 */
export const saveRunOutput = (
	place: Place,
	run: string,
	{ folder, signal, secrets = [] }: SaveOptions,
): Promise<SavedFile> =>
	writeNewFile({ folder, what: run, now: Date.now(), ending: 'log' }, maskPages(secrets, pages(place, run, signal)));

/** Saves lines from memory, with their line ends, into a new file of the folder. */
export const saveLines = (what: string, lines: Iterable<Uint8Array>, folder: string): Promise<SavedFile> => {
	// Copied first, as the lines in memory change while a file is written.
	const whole = Buffer.concat([...lines]);
	return writeNewFile({ folder, what, now: Date.now(), ending: 'log' }, maskPages([], [whole]));
};

/** Saves the part of a service's log that is in memory into a new file of the folder. */
export const saveServiceLog = (service: string, output: OutputBuffer, folder: string): Promise<SavedFile> =>
	saveLines(service, linesInMemory(output), folder);
