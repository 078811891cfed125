import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from './revoke-start.sh';
import { assertRunId } from './run-id.ts';

/**
 * Asks the host whether a run was started after the start's link was lost, and makes sure that it is not started later. `under-way`: it is
 * being started just now; ask again. Throws what `runScript` throws.
 */
export const revokeStart = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<'there' | 'withdrawn' | 'under-way'> => {
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `say whether run ${id} was started`,
		prelude: [locateState, createState],
		variables: { ...stateValues(options), id },
		signal,
		timeoutMs: 30_000,
	});
	const word = stdout.trim();
	return word === 'there' || word === 'withdrawn' ? word : 'under-way';
};
