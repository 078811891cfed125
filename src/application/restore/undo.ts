import { BackoutError } from '../../runbook/errors.ts';
import type { Plan } from '../../runbook/plan.ts';
import { changes } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import { silenceFor } from '../../runbook/silence.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';
import { runReadOnlyScript, scriptEnvironment } from '../../services/runner/client/read-only-script.ts';
import { restorePointId } from '../../services/runner/restore-point/restore-point.ts';
import { readRun } from '../../services/runner/runner.ts';
import { readKeptState } from '../../services/runner/undo/read-kept-state.ts';
import { nothingDiffers, undoPreconditions, undoPreviews } from '../../services/runner/undo/undo-preconditions.ts';
import { undoSteps } from '../../services/runner/undo/undo-steps.ts';
import type { Session } from '../fleet/session.ts';
import { refuseBlocked } from '../plans/blocked-version.ts';
import { preconditionStep, saveRestorePointStep } from '../plans/compile-steps.ts';
import { diskSpaceId, diskSpacePrecondition } from '../plans/disk-space.ts';
import { estimateSteps } from '../plans/estimate-steps.ts';
import { checkPrecondition, readPreview } from '../plans/make-plan.ts';
import { expectsThen, notWellBefore } from '../runs/not-well-before.ts';
import { listRunsEverywhere, unread } from '../runs/runs-elsewhere.ts';

/** The procedure id of every undo. No runbook has it. */
const undoProcedure = 'undo';

const refused = (session: Session, run: Run, why: string, next: string): BackoutError =>
	new BackoutError('refused', `run ${run.id} (${run.plan.title}) cannot be undone: ${why}`, {
		host: session.host.name,
		run: run.id,
		next,
	});

const assertUndoable = (session: Session, run: Run): string => {
	if (run.state === 'running') {
		throw refused(session, run, 'it is still running', `\`backout cancel ${run.id}\` stops it; then undo it`);
	}
	if (!changes(run.plan)) {
		throw refused(session, run, 'it was read-only, so nothing was saved', 'there is nothing to undo');
	}
	const irreversible = run.facts.cannot_be_undone;
	if (irreversible !== undefined) {
		throw refused(session, run, irreversible, 'nothing was changed');
	}
	const kept = run.facts.restore_point;
	if (kept === undefined) {
		throw refused(
			session,
			run,
			'it has no restore point',
			run.plan.steps.some(({ id }) => id === restorePointId)
				? 'it ended before anything was saved or changed'
				: 'its procedure saves none (restorePoint: false)',
		);
	}
	return kept;
};

/**
 * Returns the checks of the undone run; but for a run that stopped something, the runbook's own, as its checks would expect stopped
 * services.
 */
const checksAfter = ({ target: { runbook } }: Session, run: Run): readonly string[] => {
	const { checks } = run.plan.verification;
	const stops = checks.some((id) =>
		runbook.checks.some((check) => check.id === id && checkKindOf(check).wantsStopped === true),
	);
	return stops ? runbook.verification.checks : checks;
};

const knownChecks = ({ target: { runbook } }: Session, ids: readonly string[]) =>
	runbook.checks.filter(({ id }) => ids.includes(id));

/** Notes which later runs are undone as well, as far as the restore point covers them: on any host of the target. */
const sinceNotes = async (session: Session, run: Run, signal?: AbortSignal): Promise<readonly string[]> => {
	const { runs, missing } = await listRunsEverywhere(session, signal);
	const since = runs.filter(({ id, startedAt }) => id !== run.id && startedAt > run.startedAt);
	const unknown =
		missing.length === 0
			? []
			: [`Later runs may be undone, too, that are not known here: not read are the runs of ${unread(missing)}.`];
	return since.length === 0
		? unknown
		: [
				...unknown,
				`${since.length} later ${since.length === 1 ? 'run' : 'runs'} (${since
					.slice(0, 5)
					.map(({ procedure, id, node }) => `${procedure} ${id}${node === undefined ? '' : ` on ${node}`}`)
					.join(
						', ',
					)}${since.length > 5 ? ', …' : ''}): their changes are undone, too, as far as this restore point covers them.`,
			];
};

/**
 * Plans the undo of a run: its restore point compared with the current state. The plan is like any other: shown, confirmed by the risk of
 * the undone run, run with its own restore point (so that it can be undone too), verified by the same checks. Changes nothing. Throws
 * `refused` with the reason if there is nothing to undo, `usage` for an unknown run, `unreachable`.
 *
 * @param allowed blocked versions that were allowed by name
 */
export const undoPlan = (
	session: Session,
	id: string,
	signal?: AbortSignal,
	allowed: readonly string[] = [],
): Promise<Plan> =>
	estimateSteps(
		session.host,
		session.target,
		refuseBlocked(session, planBack(session, id, signal), { undoes: id, allowed, signal }),
		undoProcedure,
		signal,
	);

/** Returns the ground of the undo: what is deployed now. Empty if the host cannot say; other preconditions report that. */
const groundOf = async (
	session: Session,
	environment: Readonly<Record<string, string>>,
	signal?: AbortSignal,
): Promise<string> => {
	const { code, stdout } = await runReadOnlyScript(session, session.engine.shell.printGround, {
		purpose: 'say what is deployed',
		environment,
		signal,
		timeoutMs: 60_000,
	});
	return code === 0 ? stdout.trimEnd() : '';
};

const planBack = async (session: Session, id: string, signal?: AbortSignal): Promise<Plan> => {
	const { host, target, engine } = session;
	const run = await readRun(host, target, id, signal);
	const folder = assertUndoable(session, run);
	// A run that continued another one is undone to the state before that one.
	const from = run.plan.retryOf?.origin ?? run.id;
	const origin = from === run.id ? run : await readRun(host, target, from, signal);
	const { noted, custom } = await readKeptState(host, target, origin.id, signal);
	const kept = engine.readKept({ noted, at: origin.startedAt, environment: run.plan.environment });
	const has = {
		git: run.facts.commit !== undefined,
		containers: kept.instances.length > 0,
		custom,
	};
	const deployment = await engine.deployment({ fresh: true, signal });
	const environment: Record<string, string> = {
		...scriptEnvironment(target, deployment),
		...run.plan.environment,
		directory: target.directory,
		...deployment.environment,
		...kept.environment,
		ground_file: '',
		from_run: from,
		from_dir: folder,
		from_commit: run.facts.commit ?? '',
		from_branch: run.facts.branch ?? '',
		from_changes: run.facts.local_changes ?? '',
		from_interrupts: run.plan.interrupts.join(' '),
	};
	// The first step will compare it in the same way, with the old Compose files.
	const ground = has.containers && deployment.unknown === undefined ? await groundOf(session, environment, signal) : '';
	environment.plan_ground = ground;
	// A run that needed no disk space needs none to be undone.
	const room = run.plan.preconditions.some(({ id }) => id === diskSpaceId)
		? [diskSpacePrecondition(engine, target)]
		: [];
	const looks = [...undoPreconditions(engine.shell, { ...has, custom: custom.length > 0 }), ...room];
	const [preconditions, previews, since] = await Promise.all([
		Promise.all(looks.map((one) => checkPrecondition(session, one, environment, signal))),
		Promise.all(undoPreviews(engine.shell, has).map((one) => readPreview(session, one, environment, signal))),
		sinceNotes(session, run, signal),
	]);
	const failed = preconditions.filter(({ state }) => state !== 'passed');
	if (failed.length === 1 && failed[0]?.id === nothingDiffers && failed[0].state === 'failed') {
		throw refused(session, run, failed[0].detail, 'nothing was changed');
	}
	const when = new Date(run.startedAt).toISOString().replace('T', ' ').slice(0, 19);
	const checks = checksAfter(session, run);
	const silence = silenceFor(target.runbook.silence, run.plan.interrupts);
	const about = run.plan.expects?.service ?? target.runbook.variables.service;
	const before = notWellBefore(origin, kept.instances, knownChecks(session, checks), about);
	const expects =
		run.plan.expects === undefined && before.words.length === 0
			? undefined
			: expectsThen(kept.instances, about, run.facts.commit);
	return {
		version: 1,
		procedure: undoProcedure,
		title: `Undo ${run.plan.title}`,
		when: `Restores the state before run ${from} of ${when} UTC.`,
		risk: run.plan.risk,
		target: target.name,
		host: host.name,
		directory: target.directory,
		project: environment.project ?? deployment.project,
		madeAt: Date.now(),
		inputs: [
			{
				name: 'from_run',
				title: 'Run to undo',
				value: run.id,
				label: run.plan.title,
				detail: `${run.plan.procedure}, ${when} UTC, by ${run.who.user}@${run.who.machine}`,
			},
		],
		environment,
		preconditions,
		previews,
		steps: [
			preconditionStep({ preconditions: looks }, ground !== ''),
			saveRestorePointStep(engine.shell),
			...undoSteps(engine.shell, has),
		],
		interrupts: run.plan.interrupts,
		...(silence !== undefined && { silence }),
		verification: {
			checks,
			settleSeconds: run.plan.verification.settleSeconds,
			deadlineSeconds: run.plan.verification.deadlineSeconds,
			...(before.words.length > 0 && { notWellBefore: before.words, failedBefore: before.checks }),
		},
		...(expects !== undefined && { expects }),
		notes: [
			...since,
			...(before.words.length > 0
				? [
						`It was unhealthy before, too: ${before.words.join('; ')}. Verification checks that everything is as it was.`,
					]
				: []),
			...(has.git ? [] : ['No commit was saved: git stays as it is.']),
			...(has.containers ? [] : ['No containers were saved: images and containers stay as they are.']),
		],
	};
};
