import type { OutputGap } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { enterRun } from './read-runs.ts';
import { parseRecords } from './records.ts';
import { assertRunId } from './run-id.ts';

/** Returns the part of a run's output that the host has not kept, as its records name it now. */
export const readGap = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<OutputGap | undefined> => {
	assertRunId(id);
	const script = "enter_run\ngrep -a '^gap ' records | tail -n 1";
	const { stdout } = await runScript(host, script, {
		purpose: `read what was left out of run ${id}`,
		prelude: [locateState, enterRun],
		variables: { ...stateValues(options), id },
		signal,
	});
	return parseRecords(stdout).gap;
};

/** Reads bytes of a run's output: at most `length` from offset `from`. Bytes that were not kept (`outputGap` of the run) are zeros. */
export const readOutput = async (
	host: Host,
	options: StateOptions,
	id: string,
	from: number,
	length: number,
	signal?: AbortSignal,
): Promise<Buffer> => {
	assertRunId(id);
	const values = { ...stateValues(options), id, from: String(from + 1), length: String(length) };
	const script = 'enter_run\ntail -c "+$from" out | head -c "$length"';
	const { bytes } = await runScript(host, script, {
		purpose: `read the output of run ${id}`,
		prelude: [locateState, enterRun],
		variables: values,
		signal,
		timeoutMs: 60_000,
		maxBytes: length + 65_536,
	});
	return bytes;
};

/** A piece of a run's output, or a gap between two of them. */
export type OutputPiece = { readonly from: number; readonly bytes: Buffer } | { readonly gap: OutputGap };

/**
 * Yields the output of a run so far, in order, in pages of at most `pageBytes`. Bytes that the host has not kept are yielded as a gap,
 * never as zeros: the host is asked after each page, and records a gap before it deletes anything.
 */
export async function* outputPieces(
	host: Host,
	options: StateOptions,
	id: string,
	{
		from = 0,
		pageBytes,
		signal,
	}: { readonly from?: number; readonly pageBytes: number; readonly signal?: AbortSignal },
): AsyncGenerator<OutputPiece, void, void> {
	let at = from;
	let gap = await readGap(host, options, id, signal);
	for (;;) {
		if (gap !== undefined && at >= gap.from && at < gap.to) {
			yield { gap: { from: at, to: gap.to } };
			at = gap.to;
		}
		const wanted = gap !== undefined && at < gap.from ? Math.min(pageBytes, gap.from - at) : pageBytes;
		const page = await readOutput(host, options, id, at, wanted, signal);
		// Only a page with zeros can have been read from a hole.
		const known = page.includes(0) ? await readGap(host, options, id, signal) : gap;
		gap = known;
		const bytes = known !== undefined && known.to > at ? page.subarray(0, Math.max(0, known.from - at)) : page;
		if (bytes.length > 0) {
			yield { from: at, bytes };
			at += bytes.length;
		}
		if (bytes.length === page.length && page.length < wanted) {
			return;
		}
	}
}
