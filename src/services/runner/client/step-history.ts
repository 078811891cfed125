import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { parseRecords } from './records.ts';
import script from './step-history.sh';

/** Number of runs that estimates are based on; older runs are less typical. */
const mostRuns = 10;

/**
 * Returns the durations of a procedure's steps in its newest runs, by the step's id, newest first, ms. Only completed steps count: one that
 * failed or was ended does not show how long it takes.
 */
export const stepHistory = async (
	host: Host,
	options: StateOptions,
	procedure: string,
	signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> => {
	const { stdout } = await runScript(host, script, {
		purpose: 'read what earlier runs took',
		prelude: [locateState],
		variables: { ...stateValues(options), mark: `{"procedure":${JSON.stringify(procedure)},`, most: String(mostRuns) },
		signal,
		timeoutMs: 10_000,
		maxBytes: 1024 * 1024,
	});
	const past = new Map<string, number[]>();
	for (const records of stdout.split(/^run\n/m)) {
		for (const { name, startedAt, endedAt, exitCode, stopped } of parseRecords(records).steps.values()) {
			const took = (endedAt ?? Number.NaN) - (startedAt ?? Number.NaN);
			// Negative if the host's clock was set meanwhile.
			if (exitCode === 0 && stopped === undefined && took >= 0) {
				const id = name?.replace(/^\d+-/, '') ?? '';
				past.set(id, [...(past.get(id) ?? []), took]);
			}
		}
	}
	return past;
};
