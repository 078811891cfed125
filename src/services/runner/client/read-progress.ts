import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from './read-progress.sh';
import { enterRun } from './read-runs.ts';
import { assertRunId } from './run-id.ts';

/** Reads for how long a guard on the host has watched, ms; 0 if it has not noted that. */
export const readWatchedMs = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<number> => {
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `read how long run ${id} has watched`,
		prelude: [locateState, enterRun],
		variables: { ...stateValues(options), id },
		signal,
	});
	return /^\d{1,12}$/.test(stdout.trim()) ? Number(stdout) : 0;
};
