import type { CheckState } from '../../../runbook/check.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import appendTo from '../client/append-to.sh';
import onDisk from '../host/on-disk.sh';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import appendScript from './append-mark.sh';
import readScript from './read-marks.sh';

/** `good` when verification passed on it, `bad` when it failed. */
export type Mark = 'good' | 'bad';

/** Verdicts by full hash or id. The one that was verified last comes last. */
export type Marks = ReadonlyMap<string, Mark>;

/** A file of the state folder, a line per verdict: hash or id, `good` or `bad`, ms since the epoch, run, and further facts. */
export type MarksFile = 'commits' | 'images' | 'measured';

/** Reads the lines of a file of verdicts, oldest first, each split into words. Creates nothing on the host. */
export const readMarkLines = async (
	host: Host,
	options: StateOptions,
	file: MarksFile,
	signal?: AbortSignal,
): Promise<readonly (readonly string[])[]> => {
	const { stdout } = await runScript(host, readScript, {
		purpose: `read ${file === 'measured' ? 'what was measured before' : `which ${file} are known to be good`}`,
		prelude: [locateState],
		variables: { ...stateValues(options), file },
		signal,
	});
	return stdout.split('\n').map((line) => line.split(' '));
};

/** Reads the verdicts of earlier verifications; the newest one counts. Creates nothing on the host. */
export const readMarks = async (
	host: Host,
	options: StateOptions,
	file: MarksFile,
	pattern: RegExp,
	signal?: AbortSignal,
): Promise<Marks> => {
	const marks = new Map<string, Mark>();
	for (const [what = '', mark] of await readMarkLines(host, options, file, signal)) {
		if (pattern.test(what) && (mark === 'good' || mark === 'bad')) {
			// Deleted first, as a Map keeps the position of a key that is set again.
			marks.delete(what);
			marks.set(what, mark);
		}
	}
	return marks;
};

/** Records a verdict. An unknown one is not recorded. */
export const appendMark = async (
	host: Host,
	options: StateOptions,
	file: MarksFile,
	words: {
		readonly what: string;
		readonly verdict: CheckState;
		readonly run: string;
		readonly at: number;
		readonly more?: string;
	},
	signal?: AbortSignal,
): Promise<void> => {
	const { what, verdict, run, at, more } = words;
	if (verdict === 'unknown') {
		return;
	}
	const line = [what, verdict === 'passed' ? 'good' : 'bad', at, run, ...(more === undefined ? [] : [more])].join(' ');
	await appendLines(host, options, file, [line], signal);
};

/** Appends lines to a file of verdicts, all together. */
export const appendLines = async (
	host: Host,
	options: StateOptions,
	file: MarksFile,
	lines: readonly string[],
	signal?: AbortSignal,
): Promise<void> => {
	assertWritable(host, 'recording the result of a verification');
	await runScript(host, appendScript, {
		purpose: `record the result of a verification in ${file}`,
		prelude: [onDisk, locateState, createState, appendTo],
		variables: { ...stateValues(options), file, line: lines.join('\n') },
		signal,
	});
};
