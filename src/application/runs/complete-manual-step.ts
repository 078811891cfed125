import { BackoutError } from '../../runbook/errors.ts';
import { changes } from '../../runbook/risk.ts';
import { type Answer, type WaitsFor, waitsFor } from '../../runbook/run.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { completeStep, readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { assertMayChange, whoami } from './journal.ts';

export interface ManualStepAnswer {
	readonly answer: Answer['answer'];
	/** For the journal; may be empty. */
	readonly reason: string;
	/** The step that is answered, from 1: an answer to an earlier one is refused. Default: the one that waits. */
	readonly step?: number;
}

/**
 * Answers a run's manual step as done or given up, and returns the step. Throws `refused` when the run waits for nothing, or at another
 * step, and on a read-only target (unless the run changes nothing).
 */
export const completeManualStep = async (
	session: Session,
	id: string,
	{ answer, reason, step }: ManualStepAnswer,
	signal?: AbortSignal,
): Promise<WaitsFor> => {
	const { host, target } = session;
	const run = await readRun(host, target, id, signal);
	if (changes(run.plan)) {
		assertMayChange(session, 'answering a run');
	}
	const waiting = waitsFor(run);
	if (waiting === undefined || (step !== undefined && step !== waiting.number)) {
		throw new BackoutError(
			'refused',
			run.state === 'running' ? `run ${id} does not wait for an answer now` : `run ${id} has ended: ${run.state}`,
			{ host: host.name, run: id, next: `nothing was changed; \`backout attach ${id}\` shows its state` },
		);
	}
	await completeStep(host, target, id, {
		step: waiting.number,
		answer,
		who: whoami(),
		changes: changes(run.plan),
		reason: maskSecrets(reason.replaceAll(/\s+/g, ' ').trim()),
		signal,
	});
	return waiting;
};
