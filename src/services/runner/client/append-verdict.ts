import type { CapturedReadings } from '../../../runbook/captured-readings.ts';
import { fromMasked, type Masked } from '../../../runbook/masked.ts';
import type { RunVerdict } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import onDisk from '../host/on-disk.sh';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from './append-line.sh';
import appendTo from './append-to.sh';
import { enterRun } from './read-runs.ts';
import { assertRunId } from './run-id.ts';

const append = (
	host: Host,
	options: StateOptions,
	id: string,
	{ file, what, line }: { readonly file: string; readonly what: string; readonly line: Masked<object> | string },
	signal?: AbortSignal,
): Promise<unknown> => {
	assertWritable(host, `keeping ${what} a run`);
	assertRunId(id);
	return runScript(host, script, {
		purpose: `keep ${what} run ${id}`,
		prelude: [onDisk, locateState, enterRun, appendTo],
		variables: {
			...stateValues(options),
			id,
			file,
			what,
			line: typeof line === 'string' ? line : JSON.stringify(line),
		},
		signal,
	});
};

/**
 * Appends a verdict; the last one counts. The call may be repeated. Throws BackoutError `usage` when there is no such run, `refused` on a
 * read-only connection.
 */
export const appendVerdict = async (
	host: Host,
	options: StateOptions,
	id: string,
	verdict: Masked<RunVerdict>,
	signal?: AbortSignal,
): Promise<void> => {
	// `listRuns` reads only the beginning of a line, and recognises by its end that it is complete.
	const line = fromMasked(verdict, ({ verdict: word, checks, ...more }) => ({ verdict: word, ...more, checks }));
	await append(host, options, id, { file: 'verdicts', what: 'the verdict on', line }, signal);
};

/** Appends the readings of the host at a moment; the last ones for a moment count. Throws as `appendVerdict` does. */
export const appendReadings = async (
	host: Host,
	options: StateOptions,
	id: string,
	readings: Masked<CapturedReadings>,
	signal?: AbortSignal,
): Promise<void> => {
	await append(host, options, id, { file: 'readings', what: 'the readings of', line: readings }, signal);
};

/** Appends a fact to those that the steps noted. Throws as `appendVerdict` does. */
export const appendFact = async (
	host: Host,
	options: StateOptions,
	id: string,
	name: string,
	value: string,
	signal?: AbortSignal,
): Promise<void> => {
	const line = `${name}\t${value.replaceAll(/\s+/g, ' ')}`;
	await append(host, options, id, { file: 'facts', what: 'a fact of', line }, signal);
};
