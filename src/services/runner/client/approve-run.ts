import { BackoutError } from '../../../runbook/errors.ts';
import type { Approval, Operator } from '../../../runbook/run.ts';
import { maskSecrets } from '../../../runbook/secrets.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import readIdentity from '../host/read-identity.sh';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import check from './approve-run.sh';
import script from './complete-manual-step.sh';
import { enterRun } from './read-runs.ts';
import { assertRunId } from './run-id.ts';

export interface ApproveOptions {
	/** Number of the step that waits, from 1. */
	readonly step: number;
	/** SHA-256 of the plan that the approver has read, hexadecimal. */
	readonly planHash: string;
	readonly who: Operator;
	/** One line. It is masked. */
	readonly reason: string;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Approves a run that waits for another operator, and returns what the approval rests on. Only the host knows who is connected, so it
 * decides there.
 *
 * Throws BackoutError `refused` when the run was started by the same operator, its plan is another one, or it no longer waits; `usage` when
 * there is no such run, and what `runScript` throws.
 */
export const approveRun = async (
	host: Host,
	options: StateOptions,
	id: string,
	{ step, planHash, who, reason: given, signal }: ApproveOptions,
): Promise<Approval['basis']> => {
	const reason = maskSecrets(given);
	assertWritable(host, 'approving a run');
	assertRunId(id);
	const claimed = `${who.user}@${who.machine}`;
	const { stdout } = await runScript(host, script, {
		purpose: `approve run ${id}`,
		prelude: [locateState, enterRun, readIdentity, check],
		variables: {
			...stateValues(options),
			id,
			n: String(step),
			word: 'approved',
			hash: planHash,
			claimed,
			about: JSON.stringify({ who, reason }),
			shown: `approved, says ${claimed}${reason === '' ? '' : `: ${reason.replaceAll(/\s+/g, ' ')}`}`,
		},
		signal,
	});
	const [, basis, word, , first] = /^basis (\w+)\n(\w+)\n(?:(.*)\n(.*))?/.exec(stdout) ?? [];
	if (word !== 'taken') {
		throw new BackoutError('refused', `run ${id} no longer waits for an approval`, {
			host: host.name,
			run: id,
			next: first ? `somebody answered first: ${first}` : `\`backout attach ${id}\` shows how it ended`,
		});
	}
	return basis as Approval['basis'];
};
