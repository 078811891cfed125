import type { Session } from '../application/fleet/session.ts';
import { reportHealth } from '../application/runs/health-notices.ts';
import { listJournal } from '../application/runs/journal.ts';
import { noteMeasured } from '../application/runs/note-measured.ts';
import { settleFor } from '../application/runs/verification.ts';
import { checkContext } from '../application/watching/check-context.ts';
import { checksOf } from '../application/watching/checks-of.ts';
import type { Verification } from '../runbook/check.ts';
import { parseDuration } from '../runbook/duration.ts';
import { BackoutError } from '../runbook/errors.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { RunSummary } from '../runbook/run.ts';
import { verify as verifyChecks } from '../services/checks/verify.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import { exitCodeOfVerdict } from './exit-code.ts';
import { bold, dim, glyph, indent, masked, print, printError, printJson, safe, safeLines } from './print.ts';
import { onceChanged } from './run-printer.ts';

const verificationText = ({ verdict, reason, checks, oneLook }: Verification): string => {
	const passed = oneLook ? 'All checks passed now' : 'All checks passed';
	const lines = checks.flatMap(({ title, state, reason: why, asked, evidence }) => [
		`${glyph(state)} ${bold(safe(title))}: ${state}, ${safe(why)}`,
		dim(`    asked: ${safe(asked)}`),
		...(state === 'passed' || evidence === '' ? [] : [dim(indent(safeLines(evidence.trimEnd()), '    │ '))]),
	]);
	const words = verdict === 'passed' ? passed : `Verification ${verdict}`;
	return [...lines, `${glyph(verdict)} ${bold(words)}: ${safe(reason)}`].join('\n');
};

/** Runs these checks (default: the runbook's verification), prints the verdict, and returns the exit code. */
export const verifySession = async (
	session: Session,
	{
		checks,
		deadlineMs,
		oneLook = false,
		report = false,
		json,
	}: {
		readonly checks?: readonly string[];
		readonly deadlineMs?: number;
		readonly oneLook?: boolean;
		/** True: the channels are told if the deployment became unhealthy, or is healthy again. */
		readonly report?: boolean;
		readonly json: boolean;
	},
	signal: AbortSignal,
): Promise<number> => {
	const { target } = session;
	const { verification: asked } = target.runbook;
	const record = debugLog()?.checks('verify');
	const onProgress = onceChanged((verification) => {
		record?.(verification);
		if (json) {
			printJson(masked({ type: 'verification', ...verification }));
		} else if (!verification.final && (deadlineMs !== undefined || process.stderr.isTTY === true)) {
			printError(dim(`… ${safe(verification.reason)}`));
		}
	});
	const settle = oneLook ? 0 : await settleFor(session, asked.settleMs / 1000, signal);
	const verification = await verifyChecks(checkContext(session), {
		checks: checksOf(target, checks ?? asked.checks),
		settleMs: settle * 1000,
		deadlineMs,
		oneLook,
		onProgress,
		signal,
	});
	if (!oneLook) {
		await noteMeasured(session, undefined, verification);
	}
	if (json) {
		printJson(masked({ type: 'verdict', ...verification }));
	} else {
		print(verificationText(verification));
	}
	const { verdict, reason } = verification;
	if (report && !oneLook && verdict !== 'unknown') {
		await reportHealth(session, { state: verdict === 'passed' ? 'well' : 'unwell', reason }, signal);
	}
	return exitCodeOfVerdict(verdict);
};

export interface VerifyOptions {
	/** A duration: how long to wait until the checks pass. */
	readonly wait?: string;
	readonly now?: boolean;
	readonly json?: boolean;
}

/**
 * `backout verify`: watches the runbook's checks for the settling time, and prints the verdict. With `--wait` until they pass, up to a
 * time limit; with `--now` each of them runs once.
 */
export const verify = (globals: GlobalOptions, options: VerifyOptions): Promise<number> => {
	const deadlineMs = options.wait === undefined ? undefined : parseDuration(options.wait);
	if (options.wait !== undefined && deadlineMs === undefined) {
		throw new BackoutError('usage', `${JSON.stringify(options.wait)} is not a duration`, {
			next: 'write it like 30s, 5m or 1h30m',
		});
	}
	if (deadlineMs !== undefined && options.now === true) {
		throw new BackoutError('usage', '--now checks once, and --wait keeps checking: use one of them');
	}
	const json = options.json === true;
	return lookInSession(globals, async (session, signal) => {
		// Read beside the checks: afterwards it would be three round trips more.
		const runsNow = options.now === true && !json ? readRuns(session, signal) : undefined;
		const code = await verifySession(
			session,
			{ deadlineMs, oneLook: options.now === true, report: true, json },
			signal,
		);
		if (!json) {
			tellUnverified(session, await (runsNow ?? readRuns(session, signal)));
		}
		return code;
	});
};

/** Returns the runs of a target, newest first; none when they cannot be read. */
const readRuns = (session: Session, signal: AbortSignal): Promise<readonly RunSummary[]> =>
	listJournal(session, signal).catch(() => []);

/** Says so when the newest change has no verdict yet: these checks do not know which version it should have deployed. */
const tellUnverified = (session: Session, runs: readonly RunSummary[]): void => {
	const { procedures } = session.target.runbook;
	const newest = runs.find(({ procedure }) => procedures.find(({ id }) => id === procedure)?.risk !== 'read-only');
	if (newest?.state === 'succeeded' && newest.verdict === undefined && newest.unchecked !== true && !newest.guard) {
		print(
			`  run ${newest.id} (${safe(newest.title)}) has no verdict yet: ${ownCommand(['attach', newest.id])} gives it, and tells the channels`,
		);
	}
};
