import type { Session } from '../application/fleet/session.ts';
import { followToVerdict } from '../application/runs/follow-to-verdict.ts';
import type { Verification } from '../runbook/check.ts';
import { BackoutError } from '../runbook/errors.ts';
import { guardEndOf, interruptedWords, isInterrupted, onlyWatched, resumeCommand } from '../runbook/guard-run.ts';
import { ownCommand } from '../runbook/own-command.ts';
import { isUnfinished, type Run, stoppedAt } from '../runbook/run.ts';
import { isUnchecked, uncheckedWords } from '../runbook/unchecked.ts';
import { printContacts } from './contacts.ts';
import { codeOfRun, exitCodeOfRun } from './exit-code.ts';
import { concludeGuard, outcomeOfGuard } from './guard-outcome.ts';
import { printNextStep } from './next-step.ts';
import { bold, green, masked, print, printJson, red, safe, yellow } from './print.ts';
import { jsonPrinter } from './run-printer.ts';
import { textPrinter } from './run-text-printer.ts';

/** Returns the last line for the operator; `rolled back` only when verification has passed. */
const conclusion = (run: Run, verification: Verification | undefined): string => {
	const verdict = verification?.verdict ?? run.verified?.verdict;
	const why = verification?.reason ?? run.verified?.reason ?? '';
	switch (run.state) {
		case 'succeeded':
			if (verdict === 'passed' && run.plan.verification.notWellBefore !== undefined) {
				return `${yellow('✓')} ${bold(`${safe(run.plan.title)}: undone`)}: ${safe(why)}`;
			}
			if (verdict === 'passed') {
				return `${green('✓')} ${bold(`${safe(run.plan.title)}: done and verified`)}`;
			}
			if (verdict === undefined && isUnchecked(run.plan)) {
				return `${yellow('✓')} ${bold(`${safe(run.plan.title)}: steps done`)}: ${uncheckedWords(run.plan)}`;
			}
			return verdict === undefined
				? `${yellow('?')} ${bold(`${safe(run.plan.title)}: steps done, not verified`)}`
				: `${red('✗')} ${bold(`${safe(run.plan.title)}: steps done, but verification ${verdict === 'failed' ? 'failed' : 'is unknown'}`)}: ${safe(why)}`;
		case 'lost':
			return `${yellow('?')} ${bold(`${safe(run.plan.title)}: outcome unknown`)}: ${run.lostBy === 'restart' ? 'the host was restarted while it was running' : 'it died on the host without a result'}`;
		case 'running':
		case 'unknown':
			if (run.gone) {
				return `${yellow('?')} ${bold(`${safe(run.plan.title)}: outcome unknown`)}: the run is no longer on the host, its folder was deleted; one of its steps may still be running`;
			}
			return `${yellow('?')} ${bold(`${safe(run.plan.title)}: outcome unknown`)} (${run.state})`;
		default: {
			const failed = run.steps.find(({ state }) => state === 'failed' || state === 'timed-out');
			return `${red('✗')} ${bold(`${safe(run.plan.title)}: ${run.state === 'timed-out' ? 'timed out' : run.state}`)}${failed === undefined ? '' : ` at step ${safe(failed.id)}, exit code ${failed.exitCode ?? 'none'}`}`;
		}
	}
};

/** The message for an operator who stops following a run: its id, and how to follow or stop it. */
const leftRun = ({ host }: Session, run: string, known: Run | undefined): BackoutError => {
	const over = known !== undefined && !['running', 'unknown'].includes(known.state);
	if (known !== undefined && !over && onlyWatched(known)) {
		return new BackoutError('cancelled', `the guard keeps watching on the host, as run ${run}`, {
			host: host.name,
			run,
			next: `to follow it again: \`backout attach ${run}\`\nto end it on the host: \`backout cancel ${run}\``,
		});
	}
	const state = known === undefined ? 'may be running' : 'keeps running';
	const follow = `${over ? 'to verify it' : 'to follow it again'}: \`backout attach ${run}\``;
	return new BackoutError(
		'cancelled',
		over
			? `stopped before the verdict: run ${run} has ended on the host and is not verified`
			: `stopped following: run ${run} ${state} on the host`,
		{ host: host.name, run, next: over ? follow : `${follow}\nto stop it on the host: \`backout cancel ${run}\`` },
	);
};

/**
 * Prints the outcome of a guard on the host, which says more than the state of its run; returns the exit code.
 *
 * @param runCode the exit code of the run, as of any other
 */
const concludeIfGuard = (run: Run, runCode: number, json: boolean): number => {
	if (run.plan.guard === undefined) {
		return runCode;
	}
	const interrupted = isInterrupted(run);
	const reason = guardEndOf(run)?.reason ?? (interrupted ? interruptedWords(run) : `its run is ${run.state}`);
	const code = concludeGuard(json, {
		...outcomeOfGuard(run, runCode),
		reason,
		run: run.id,
		...(interrupted && { resume: resumeCommand(run) }),
	});
	if (interrupted && !json) {
		print(`  to go on for the time that is left: ${resumeCommand(run)}`);
	}
	return code;
};

/** Follows a run from its first byte to the verdict, prints it, and returns the exit code. */
export const printRun = async (
	session: Session,
	id: string,
	{ json, signal }: { readonly json: boolean; readonly signal: AbortSignal },
): Promise<number> => {
	const printer = json ? jsonPrinter() : textPrinter();
	let lost = false;
	let known: Run | undefined;
	const { run, verification } = await followToVerdict(
		session,
		id,
		{
			onRun: (run) => {
				known = run;
				printer.run(run);
			},
			onOutput: (bytes, offset, to) => printer.output(bytes, offset, to),
			onGap: (gap) => printer.gap(gap),
			onLost: (reason) => {
				lost = true;
				printer.link('lost', reason);
			},
			onLive: () => {
				if (lost) {
					lost = false;
					printer.link('live');
				}
			},
			onVerification: (verification) => printer.verification(verification),
		},
		signal,
	)
		.finally(() => printer.end())
		.catch((error: unknown) => {
			throw signal.aborted ? leftRun(session, id, known) : error;
		});
	const exitCode = exitCodeOfRun(run, verification);
	if (json) {
		printJson(
			masked({
				type: 'end',
				run: run.id,
				state: run.state,
				verdict: verification?.verdict ?? run.verified?.verdict ?? null,
				reason: verification?.reason ?? run.verified?.reason ?? null,
				exitCode,
			}),
		);
		return concludeIfGuard(run, codeOfRun(run, verification), json);
	}
	const watched = onlyWatched(run) && (guardEndOf(run) !== undefined || isInterrupted(run));
	if (!watched) {
		print(conclusion(run, verification));
	}
	const verdict = verification?.verdict ?? run.verified?.verdict;
	if (run.state === 'succeeded' && verdict === 'failed' && !signal.aborted) {
		await printNextStep(session, run, signal);
	}
	if (exitCode !== 0) {
		await printContacts(session, signal);
	}
	if (isUnfinished(run) && !onlyWatched(run)) {
		const at = stoppedAt(run);
		print('  nothing more happens unless you choose:');
		print(`    ${ownCommand(['retry', run.id])}   plans a retry${at === undefined ? '' : ` from step ${at + 1}`}`);
		if (run.facts.restore_point !== undefined) {
			print(`    ${ownCommand(['undo', run.id])}    plans the undo`);
		}
	}
	if (run.damaged !== undefined) {
		print(`  ${yellow('!')} the records of this run on the host are damaged, and ${run.damaged}`);
	}
	if (run.pruned !== undefined) {
		print(
			`  its output, plan and restore point were pruned on ${new Date(run.pruned.at).toISOString().slice(0, 10)}: ${safe(run.pruned.why)}`,
		);
	}
	for (const note of run.plan.notes) {
		print(`  ${safe(note)}`);
	}
	print(`  run ${run.id}; its report: ${ownCommand(['report', run.id])}`);
	return concludeIfGuard(run, codeOfRun(run, verification), json);
};
