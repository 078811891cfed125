import { BackoutError } from '../../runbook/errors.ts';
import { onlyWatched, proveStepId, watchStepId } from '../../runbook/guard-run.ts';
import { approvalStepId, type Plan, preconditionStepId } from '../../runbook/plan.ts';
import { changes } from '../../runbook/risk.ts';
import { type Run, type StepRun, stoppedAt } from '../../runbook/run.ts';
import type { PreconditionDefinition } from '../../runbook/runbook.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { changedSince } from '../../services/runner/host/changed-since.ts';
import { restorePointId } from '../../services/runner/restore-point/restore-point.ts';
import { readOutput, readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { refuseBlocked } from '../plans/blocked-version.ts';
import { preconditionStep } from '../plans/compile-steps.ts';
import { estimateSteps } from '../plans/estimate-steps.ts';
import { checkPrecondition } from '../plans/make-plan.ts';
import nothingSince from './nothing-since.sh';

/** Size of the part of the failed step's output in the plan, bytes. */
const shownBytes = 4096;

const restorePointExists = `
[ -d "$state_dir/runs/$continued_origin/restore" ] || { echo "what run $continued_origin saved was pruned: plan the procedure again"; exit 1; }
echo "saved before $continued_origin"
`;

const refused = (session: Session, run: Run, why: string, next: string): BackoutError =>
	new BackoutError('refused', `run ${run.id} (${run.plan.title}) cannot be run again: ${why}`, {
		host: session.host.name,
		run: run.id,
		next,
	});

/** The steps of a guard on the host around those of its procedure. */
const guardStepIds: readonly string[] = [watchStepId, proveStepId];

const isBuiltIn = ({ id }: { readonly id: string }): boolean =>
	id === preconditionStepId || id === restorePointId || id === approvalStepId || guardStepIds.includes(id);

/** True when a run may have changed something: one of its procedure's own steps has begun, or it continued a run where one had. */
const mayHaveChanged = (run: Run): boolean =>
	run.plan.retryOf?.origin !== undefined ||
	run.steps.some(
		(step, at) => !isBuiltIn(run.plan.steps[at] ?? { id: '' }) && step.state !== 'pending' && step.state !== 'skipped',
	);

const indexOf = (session: Session, run: Run, from: string | undefined): number => {
	const stopped = stoppedAt(run);
	if (stopped === undefined) {
		throw refused(session, run, 'all of its steps are done', `\`backout run ${run.plan.procedure}\` plans it again`);
	}
	if (from === undefined) {
		return stopped;
	}
	const number = /^\d+$/.test(from) ? Number(from) - 1 : run.plan.steps.findIndex(({ id }) => id === from);
	const step = run.plan.steps[number];
	if (step === undefined || number > stopped || isBuiltIn(step)) {
		throw new BackoutError('usage', `run ${run.id} cannot be run again from step ${JSON.stringify(from)}`, {
			host: session.host.name,
			run: run.id,
			next: `from one of these, or an id: ${run.plan.steps
				.map(({ id }, index) => ({ id, index }))
				.filter(({ id, index }) => index <= stopped && !isBuiltIn({ id }))
				.map(({ id, index }) => `${index + 1} (${id})`)
				.join(', ')}`,
		});
	}
	return number;
};

const outputEnd = async (session: Session, run: Run, step: StepRun, signal?: AbortSignal): Promise<string> => {
	if (step.outputFrom === undefined) {
		return '';
	}
	const end = step.outputTo ?? run.outputBytes;
	const from = Math.max(step.outputFrom, end - shownBytes);
	const bytes = await readOutput(session.host, session.target, run.id, from, Math.max(0, end - from), signal);
	const text = bytes.toString('utf8');
	// Drops the first part of a line, which could be half of a secret.
	return maskSecrets(from > step.outputFrom ? text.slice(text.indexOf('\n') + 1) : text).trimEnd();
};

/**
 * Plans to run a run again from the step that it did not get past (or from an earlier one, `from`: its number or id), with the same inputs
 * and scripts. It takes the place of that run: with its facts and files, and with its restore point for an undo. A run that had changed
 * nothing yet is planned completely. Changes nothing.
 *
 * @param allowed blocked versions that are allowed by name, besides what that run was allowed
 *
 * Throws `refused` for a run that still runs or has succeeded, `usage` for a step that cannot come first.
 */
export const retryPlan = async (
	session: Session,
	id: string,
	{
		from,
		allowed = [],
		signal,
	}: { readonly from?: string; readonly allowed?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<Plan> => {
	const { host, target } = session;
	const run = await readRun(host, target, id, signal);
	if (run.state === 'running') {
		throw refused(session, run, 'it is still running', `\`backout attach ${run.id}\` shows it`);
	}
	if (onlyWatched(run)) {
		throw refused(
			session,
			run,
			'it only watched, and has changed nothing',
			`\`backout run ${run.plan.procedure}\` rolls back by hand`,
		);
	}
	const { guard, ...before } = run.plan;
	const index = indexOf(session, run, from);
	const goesOn = mayHaveChanged(run);
	const origin = goesOn ? (before.retryOf?.origin ?? run.id) : undefined;
	const own = before.steps
		.slice(goesOn ? index : 0)
		.filter(({ id: step }) => step !== preconditionStepId && step !== approvalStepId && !guardStepIds.includes(step));
	// An approval was for the plan of that run, not for this one.
	const approval = before.steps.filter((step) => step.id === approvalStepId);
	const [first] = own;
	const stopped = before.steps[index];
	const environment = {
		...before.environment,
		...(origin !== undefined && { continued_run: run.id, continued_origin: origin }),
	};
	const looks: readonly PreconditionDefinition[] = [
		...(origin !== undefined && changes(before)
			? [{ id: 'since', title: 'No other run has changed anything since', script: `${changedSince}\n${nothingSince}` }]
			: []),
		...(origin !== undefined && run.facts.restore_point !== undefined
			? [{ id: 'way-back', title: 'The restore point exists', script: restorePointExists }]
			: []),
		...before.preconditions.flatMap(({ id: name, title, script, once }) =>
			script === undefined || name === 'since' || name === 'way-back' || (goesOn && once === true)
				? []
				: [{ id: name, title, script, ...(once === true && { once }) }],
		),
	];
	const [preconditions, printed] = await Promise.all([
		Promise.all(looks.map((one) => checkPrecondition(session, one, environment, signal))),
		outputEnd(session, run, run.steps[index] ?? { id: '', state: 'pending' }, signal),
	]);
	const title = before.retryOf?.title ?? guard?.procedure ?? before.title;
	const step = first?.id ?? '';
	const when = new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19);
	const plan: Plan = {
		...before,
		title: goesOn ? `${title}, again from “${first?.title ?? step}”` : title,
		when: `Run ${run.id} of ${when} UTC ${
			run.state === 'lost' ? 'was lost' : run.state === 'timed-out' ? 'timed out' : `ended as ${run.state}`
		} at step ${index + 1} of ${before.steps.length}, “${stopped?.title ?? ''}”. ${
			goesOn
				? 'This continues that run: earlier steps are not run again.'
				: 'It had changed nothing, so this runs all of its steps again.'
		}`,
		target: target.name,
		host: host.name,
		directory: target.directory,
		project: before.project,
		madeAt: Date.now(),
		environment,
		preconditions,
		previews: printed === '' ? [] : [{ title: `Last output of “${stopped?.title ?? ''}”`, text: printed }],
		steps: [...approval, ...(looks.length > 0 ? [preconditionStep({ preconditions: looks })] : []), ...own],
		retryOf: { run: run.id, title, step, ...(origin !== undefined && { origin }) },
	};
	const known = [...(before.allowed ?? []), ...allowed];
	const undoes = before.procedure === 'undo' ? before.environment.from_run : undefined;
	const making = refuseBlocked(session, Promise.resolve(plan), { allowed: known, undoes, signal });
	return estimateSteps(host, target, making, before.procedure, signal);
};
