import type { Operator, RunState } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { findRunProcesses } from '../host/find-run-processes.ts';
import noteLeftInside from '../host/note-left-inside.sh';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { graceSeconds } from '../host/supervisor.ts';
import uptime from '../host/uptime.sh';
import script from './cancel.sh';
import { enterRun } from './read-runs.ts';
import { parseResult } from './records.ts';
import { assertRunId } from './run-id.ts';

/**
 * `cancelled`: ended by this call, and nothing of it is left. `already-ended`: it had ended before, or ended by itself meanwhile; see
 * `state`. `still-running`: it was asked to end, but some processes have not ended yet.
 */
export interface Cancelled {
	readonly outcome: 'cancelled' | 'already-ended' | 'still-running';
	readonly state: RunState;
	/** `still-running`: process ids on the host. */
	readonly left: readonly number[];
	/** True when the host's control groups prove that nothing is left; otherwise its processes were searched for by their marks. */
	readonly isProven: boolean;
	/** True when the interrupted step has started something inside containers, and the user of the run does not see whether it still runs. */
	readonly mayRunInside: boolean;
	/** Sentences about processes and containers that, by the engine, began since that step and still run, whoever began them. */
	readonly leftInside: readonly string[];
}

export interface CancelOptions {
	readonly who?: Operator;
	/** Time to wait for the end before it counts as `still-running`, s. Default: the grace period and 10 s. */
	readonly waitSeconds?: number;
	readonly signal?: AbortSignal;
}

/**
 * Ends a run on the host, also another operator's. Returns when it is proven that nothing of it is left, or after `waitSeconds`. The call
 * may be repeated. If the run's supervisor was killed, this ends what is left. Throws BackoutError `usage` when there is no such run,
 * `refused` on a read-only connection, and what `runScript` throws.
 */
export const cancelRun = async (
	host: Host,
	options: StateOptions,
	id: string,
	{ who, waitSeconds = graceSeconds + 10, signal }: CancelOptions = {},
): Promise<Cancelled> => {
	assertWritable(host, 'cancelling a run');
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `cancel run ${id}`,
		prelude: [locateState, enterRun, uptime, findRunProcesses, noteLeftInside],
		variables: {
			...stateValues(options),
			id,
			by: JSON.stringify({ who }),
			grace: String(graceSeconds),
			wait_seconds: String(Math.ceil(waitSeconds)),
		},
		signal,
		timeoutMs: waitSeconds * 1000 + 15_000,
	});
	const [word = '', result = '', left = '', proof = '', inside = '', ...more] = stdout.split('\n');
	const mayRunInside = inside === 'inside';
	const leftInside = more.filter((line) => line !== '');
	const state = parseResult(`${result}\n`)?.state ?? (word === 'running' ? 'running' : 'lost');
	if (word === 'running') {
		const pids = left.split(' ').filter(Boolean).map(Number);
		return { outcome: 'still-running', state, left: pids, isProven: false, mayRunInside, leftInside };
	}
	const outcome = word === 'ended' && state === 'cancelled' ? 'cancelled' : 'already-ended';
	return { outcome, state, left: [], isProven: proof === 'group', mayRunInside, leftInside };
};
