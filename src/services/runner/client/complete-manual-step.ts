import { BackoutError } from '../../../runbook/errors.ts';
import type { Answer, Operator } from '../../../runbook/run.ts';
import { maskSecrets } from '../../../runbook/secrets.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from './complete-manual-step.sh';
import { enterRun } from './read-runs.ts';
import { assertRunId } from './run-id.ts';

export interface AnswerOptions {
	/** Number of the step, from 1. */
	readonly step: number;
	readonly answer: Exclude<Answer['answer'], 'approved'>;
	readonly who: Operator;
	/** One line. It is masked. */
	readonly reason: string;
	/** True when the run changes the host, so that a read-only connection refuses. Default true. */
	readonly changes?: boolean;
	readonly signal?: AbortSignal;
}

/**
 * Answers a manual step of a run, also of another operator's. Of several answers the first counts.
 *
 * Throws BackoutError `refused` when the step is answered already (it names the first operator) or has not begun, `usage` when there is no
 * such run, and what `runScript` throws.
 */
export const completeStep = async (
	host: Host,
	options: StateOptions,
	id: string,
	{ step, answer, who, reason: given, changes = true, signal }: AnswerOptions,
): Promise<void> => {
	const reason = maskSecrets(given);
	if (changes) {
		assertWritable(host, 'answering a run');
	}
	assertRunId(id);
	const { stdout } = await runScript(host, script, {
		purpose: `answer run ${id}`,
		prelude: [locateState, enterRun],
		variables: {
			...stateValues(options),
			id,
			n: String(step),
			word: answer,
			about: JSON.stringify({ who, reason }),
			shown: `${answer === 'done' ? 'done' : 'given up'}, says ${who.user}@${who.machine}${reason === '' ? '' : `: ${reason.replaceAll(/\s+/g, ' ')}`}`,
		},
		signal,
	});
	const [word, , first] = stdout.split('\n');
	if (word !== 'taken') {
		throw new BackoutError('refused', `step ${step} of run ${id} no longer waits for an answer`, {
			host: host.name,
			run: id,
			next: first ? `somebody answered first: ${first}` : `\`backout attach ${id}\` shows how it ended`,
		});
	}
};
