import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { enterRun, sections } from '../client/read-runs.ts';
import { assertRunId } from '../client/run-id.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from '../restore-point/read-kept-state.sh';
import type { CustomUndo } from './undo-steps.ts';

/** The contents of a run's restore point, besides the facts of the run. */
export interface KeptState {
	/** The engine's notes about its instances; empty if there are none. */
	readonly noted: string;
	readonly custom: readonly CustomUndo[];
}

/** Reads a run's restore point; empty if there is none, or it was pruned. Throws what `ask` throws. */
export const readKeptState = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<KeptState> => {
	assertRunId(id);
	const { bytes } = await runScript(host, script, {
		purpose: `read the restore point of run ${id}`,
		prelude: [locateState, enterRun],
		variables: { ...stateValues(options), id },
		signal,
		maxBytes: 16 * 1024 * 1024,
	});
	const files = sections(bytes);
	return {
		noted: files.get('containers.json') ?? '',
		custom: [...files]
			.filter(([name]) => name.startsWith('undo/'))
			.map(([name, text]) => ({ name: name.slice('undo/'.length), script: text })),
	};
};
