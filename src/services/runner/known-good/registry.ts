import type { CheckState } from '../../../runbook/check.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import appendScript from './append-mark.sh';
import readScript from './read-marks.sh';

/** `good` when verification passed on it, `bad` when it failed. */
export type Mark = 'good' | 'bad';

/** What is known, by full hash or id. The one that was verified last stands last. */
export type Marks = ReadonlyMap<string, Mark>;

/** A file of the state folder, a line a verdict: what, `good` or `bad`, ms since the epoch, run, and what more is known. */
export type MarksFile = 'commits' | 'images';

/** The lines of a file of marks, oldest first, each as its words. Creates nothing on the host. */
export const readMarkLines = async (
	host: Host,
	options: StateOptions,
	file: MarksFile,
	signal?: AbortSignal,
): Promise<readonly (readonly string[])[]> => {
	const { stdout } = await runScript(host, readScript, {
		purpose: `read which ${file} are known to be good`,
		prelude: [locateState],
		variables: { ...stateValues(options), file },
		signal,
	});
	return stdout.split('\n').map((line) => line.split(' '));
};

/** Reads what earlier verifications said; the newest word counts. Creates nothing on the host. */
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
			// A Map keeps the place of a key that is set again.
			marks.delete(what);
			marks.set(what, mark);
		}
	}
	return marks;
};

/** Notes what verification said. An unknown verdict says nothing of it and is not noted. */
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
	assertWritable(host, 'recording the result of a verification');
	const { what, verdict, run, at, more } = words;
	if (verdict === 'unknown') {
		return;
	}
	const line = [what, verdict === 'passed' ? 'good' : 'bad', at, run, ...(more === undefined ? [] : [more])].join(' ');
	await runScript(host, appendScript, {
		purpose: `record the result of a verification in ${file}`,
		prelude: [locateState, createState],
		variables: { ...stateValues(options), file, line },
		signal,
	});
};
