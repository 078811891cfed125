import { BackoutError } from '../../runbook/errors.ts';
import { changes } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import type { Cancelled } from '../../services/runner/runner.ts';
import { readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { undoPlan } from '../restore/undo.ts';
import { cancelJournalRun } from './journal.ts';

/** The result of a cancellation, and the state of the host after it. */
export interface CancelReport extends Cancelled {
	readonly run: string;
	/** The step that was interrupted; undefined between two steps, before the first and after the last. */
	readonly interrupted?: { readonly number: number; readonly of: number; readonly title: string };
	/** Services of the project that are down; undefined when the engine could not be asked. */
	readonly down?: readonly string[];
	/** The command that plans an undo; undefined when the run cannot be undone. */
	readonly wayBack?: string;
	/** All of this as sentences. */
	readonly lines: readonly string[];
}

const interruptedStep = (run: Run): CancelReport['interrupted'] => {
	const index = run.steps.findIndex(({ state }) => state === 'cancelled' || state === 'running');
	const step = run.steps[index];
	return step === undefined
		? undefined
		: {
				number: index + 1,
				of: run.steps.length,
				title: run.plan.steps.find(({ id }) => id === step.id)?.title ?? step.id,
			};
};

/** Says what of a cancelled run has not ended; `left`: its processes, as far as they were found. */
export const stillRunningLabel = (run: string, left: readonly number[]): string =>
	left.length === 0
		? `${run} was cancelled, but it is not known yet that nothing of it is left: the host is still ending it, or is too busy to search its processes`
		: `${run} was cancelled, but some of its processes are still running: ${left.join(', ')}`;

const endedLabel = (run: Run, { outcome, state, left, isProven }: Cancelled): string => {
	switch (outcome) {
		case 'cancelled':
			return `Run ${run.id} is cancelled: none of its processes is left on the host${isProven ? ': its control group is empty' : ', as far as their session, environment and output tell'}.`;
		case 'still-running':
			return `Run ${stillRunningLabel(run.id, left)}.`;
		default:
			return `Run ${run.id} had ended before: ${state}.`;
	}
};

const insideLabel = ({ outcome, mayRunInside, leftInside }: Cancelled): readonly string[] =>
	outcome === 'already-ended'
		? []
		: [
				...(mayRunInside
					? ['What the interrupted step started inside containers may still be running: only root sees it there.']
					: []),
				...leftInside.map((line) => `${line}.`),
			];

const stepLabel = (run: Run, interrupted: CancelReport['interrupted']): readonly string[] => {
	const skipped = run.steps.filter(({ state }) => state === 'skipped').length;
	const after = skipped === 0 ? '' : ` ${skipped} ${skipped === 1 ? 'step was' : 'steps were'} not started.`;
	if (interrupted === undefined) {
		return after === '' ? [] : [after.trim()];
	}
	const { number, of, title } = interrupted;
	return [`It was interrupted in step ${number} of ${of}, “${title}”.${after}`];
};

const downLabel = (down: CancelReport['down'], engine: string): string => {
	if (down === undefined) {
		return `It is unknown which services run now: ${engine} could not be reached.`;
	}
	return down.length === 0 ? 'All services of the project run.' : `Down now: ${down.join(', ')}.`;
};

/** Time limit for finding out whether the run can be undone, ms. */
const undoTimeoutMs = 10_000;

/**
 * Finds the command that undoes a run, or the reason why there is none. Plans the undo only of a run that had ended before: the report of
 * one that was just cancelled is not delayed. If the plan is not made in time, returns the command, which gives the reason itself.
 */
const undoOf = async (
	session: Session,
	run: Run,
	{ outcome }: Cancelled,
	signal?: AbortSignal,
): Promise<{ readonly command?: string; readonly why?: string }> => {
	const { restore_point: kept, cannot_be_undone: irreversible } = run.facts;
	const command = `backout undo ${run.id}`;
	if (kept === undefined) {
		return {};
	}
	if (irreversible !== undefined) {
		return { why: `run ${run.id} (${run.plan.title}) cannot be undone: ${irreversible}` };
	}
	if (outcome !== 'already-ended') {
		return { command };
	}
	const inTime = AbortSignal.any([AbortSignal.timeout(undoTimeoutMs), ...(signal === undefined ? [] : [signal])]);
	try {
		await undoPlan(session, run.id, inTime);
	} catch (error) {
		signal?.throwIfAborted();
		if (error instanceof BackoutError && error.code === 'refused') {
			return { why: error.message };
		}
	}
	return { command };
};

const undoLabel = (run: Run, { command, why }: { readonly command?: string; readonly why?: string }): string => {
	if (command !== undefined) {
		return `The state before it was saved; to go back: \`${command}\`.`;
	}
	if (why !== undefined) {
		return `${why.replace(/^run/, 'Run')}.`;
	}
	if (!changes(run.plan)) {
		return 'It was read-only: there is nothing to undo.';
	}
	const keeping = run.steps.find(({ id }) => id === 'restore-point');
	return keeping !== undefined && keeping.state !== 'succeeded'
		? 'It had not changed anything yet: there is nothing to undo.'
		: 'Its procedure saves no restore point, so it cannot be undone.';
};

/** Lists the project's services whose containers do not run. */
const servicesDown = async ({ engine }: Session, signal?: AbortSignal): Promise<CancelReport['down']> => {
	try {
		const containers = await engine.list(signal);
		const up = new Set(containers.filter(({ status }) => status === 'running').map(({ service }) => service));
		return [...new Set(containers.map(({ service }) => service))].filter((service) => !up.has(service)).sort();
	} catch {
		signal?.throwIfAborted();
		return undefined;
	}
};

/**
 * Cancels a run on the host, waits until it is proved that nothing of it is left, and describes the state of the host: the interrupted
 * step, services that are down, how to undo it. Throws what `cancelJournalRun` throws.
 */
export const cancelAndReport = async (session: Session, id: string, signal?: AbortSignal): Promise<CancelReport> => {
	const cancelled = await cancelJournalRun(session, id, signal);
	const [run, down] = await Promise.all([
		readRun(session.host, session.target, id, signal),
		servicesDown(session, signal),
	]);
	const interrupted = interruptedStep(run);
	const undo = await undoOf(session, run, cancelled, signal);
	return {
		...cancelled,
		run: id,
		...(interrupted && { interrupted }),
		...(down && { down }),
		...(undo.command !== undefined && { wayBack: undo.command }),
		lines: [
			endedLabel(run, cancelled),
			...insideLabel(cancelled),
			...(cancelled.outcome === 'already-ended' ? [] : stepLabel(run, interrupted)),
			downLabel(down, session.engine.terms.name),
			undoLabel(run, undo),
		],
	};
};
