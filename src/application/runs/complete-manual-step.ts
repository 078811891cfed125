import { BackoutError } from '../../runbook/errors.ts';
import { changes } from '../../runbook/risk.ts';
import { type Answer, type WaitsFor, waitsFor } from '../../runbook/run.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { approveRun, completeStep, readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { assertMayChange, whoami } from './journal.ts';

const oneLine = (text: string) => maskSecrets(text.replaceAll(/\s+/g, ' ').trim());

export interface ManualStepAnswer {
	readonly answer: Exclude<Answer['answer'], 'approved'>;
	/** For the journal; may be empty. */
	readonly reason: string;
	/** True when `done` approves a run that waits for an approval; else it is refused. */
	readonly approves?: boolean;
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
	{ answer, reason, step, approves = false }: ManualStepAnswer,
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
	const given = { step: waiting.number, who: whoami(), reason: oneLine(reason), signal };
	if (waiting.approval === true && answer === 'done') {
		if (!approves) {
			throw new BackoutError('refused', `run ${id} waits for the approval of another operator`, {
				host: host.name,
				run: id,
				next: `nothing was changed; \`backout approve ${id}\` shows its plan and approves it`,
			});
		}
		await approveRun(host, target, id, { ...given, planHash: run.planHash ?? '' });
		return waiting;
	}
	await completeStep(host, target, id, { ...given, answer, changes: changes(run.plan) });
	return waiting;
};
