import type { Session } from '../application/fleet/session.ts';
import { completeManualStep } from '../application/runs/complete-manual-step.ts';
import { assertMayChange, findRun } from '../application/runs/journal.ts';
import { BackoutError } from '../runbook/errors.ts';
import { ownCommand } from '../runbook/own-command.ts';
import { answerInWords, type Run, shortHash, waitsFor } from '../runbook/run.ts';
import { shownPlan } from '../runbook/secrets-deep.ts';
import { stepLibrary } from '../services/runner/client/run-folder.ts';
import { readRun } from '../services/runner/runner.ts';
import { askLine } from './ask-operator.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { planText } from './plan-text.ts';
import { dim, masked, print, printJson, printMasked, safe } from './print.ts';
import { printTarget } from './print-target.ts';

export interface ApproveOptions {
	readonly plan?: string;
	readonly reason?: string;
	readonly json?: boolean;
}

/** Shortest beginning of a plan's hash that names the plan: as long as it is shown. */
const shortestHash = 12;

/**
 * Makes sure that the approver has read this plan: its hash is given, or the plan is shown and the question answered. `library`: the
 * functions that its steps may call.
 */
const assertRead = async (run: Run, library: string, options: ApproveOptions, signal: AbortSignal): Promise<void> => {
	const { planHash = '' } = run;
	const refuse = (message: string, next: string) => {
		throw new BackoutError('refused', message, { host: run.plan.host, run: run.id, next });
	};
	if (options.plan !== undefined) {
		if (options.plan.length < shortestHash || !planHash.startsWith(options.plan.toLowerCase())) {
			refuse(`${JSON.stringify(options.plan)} is not the hash of the plan of run ${run.id}`, 'read its plan again');
		}
		return;
	}
	if (process.stdin.isTTY !== true || process.stderr.isTTY !== true || options.json === true) {
		refuse(
			`the plan of run ${run.id} was not confirmed`,
			`nothing was changed; read it in a terminal, or give its hash: --plan ${shortHash(run)}`,
		);
	}
	// Every command of it: `plan` would show a new plan, not this one.
	printMasked(planText(shownPlan(run.plan), { full: true, library }));
	print(
		`\nStarted by ${safe(run.who.user)}@${safe(run.who.machine)}${run.reason === '' ? '' : `: ${safe(run.reason)}`}   ${dim(`plan ${planHash}`)}`,
	);
	const answer = await askLine(`Approve this plan for ${safe(run.plan.target)}? y or N: `, signal);
	if (answer.trim().toLowerCase() !== 'y') {
		refuse(`run ${run.id} was not approved`, 'nothing was changed; it waits on');
	}
};

/** Returns what the approval rests on, as the run has recorded it. */
const recordedBasis = async ({ host, target }: Session, id: string, step: number, signal: AbortSignal) => {
	for (;;) {
		const answer = (await readRun(host, target, id, signal)).steps[step - 1]?.answer;
		if (answer !== undefined) {
			return answer;
		}
		// The step reads the answer within a second.
		await new Promise((resolve) => setTimeout(resolve, 300));
		signal.throwIfAborted();
	}
};

/** `backout approve`: approves the plan of a run that another operator has started. */
export const approve = (globals: GlobalOptions, id: string, options: ApproveOptions): Promise<number> =>
	withSession(globals, async (session, signal) => {
		assertMayChange(session, 'approving a run');
		const { id: found } = await findRun(session, id, signal);
		const run = await readRun(session.host, session.target, found, signal);
		const waiting = waitsFor(run);
		if (waiting?.approval !== true) {
			throw new BackoutError('refused', `run ${found} does not wait for an approval`, {
				host: session.host.name,
				run: found,
				next: `\`${ownCommand(['attach', found])}\` shows its state`,
			});
		}
		if (options.json !== true) {
			printTarget(session);
		}
		await assertRead(run, stepLibrary(session.engine.shell), options, signal);
		await completeManualStep(
			session,
			found,
			{ answer: 'done', approves: true, reason: options.reason ?? '', step: waiting.number },
			signal,
		);
		const answer = await recordedBasis(session, found, waiting.number, signal);
		if (options.json === true) {
			const { approval } = answer;
			printJson(
				masked({
					type: 'answered',
					run: found,
					step: waiting.step,
					answer: 'approved',
					...(approval !== undefined && { approval }),
				}),
			);
		} else {
			print(
				`Run ${found} is ${safe(answerInWords(answer))}. It continues; \`${ownCommand(['attach', found])}\` shows it.`,
			);
		}
		return 0;
	});
