import { createHash } from 'node:crypto';
import type { EngineShell } from '../../../engine/shell.ts';
import type { CapturedReadings } from '../../../runbook/captured-readings.ts';
import { BackoutError } from '../../../runbook/errors.ts';
import type { Masked } from '../../../runbook/masked.ts';
import type { Plan } from '../../../runbook/plan.ts';
import type { Operator } from '../../../runbook/run.ts';
import type { RunLimits } from '../../../runbook/runbook.ts';
import { isApproval, isManual, stepKindOf } from '../../../runbook/step-kinds/index.ts';
import { isUnchecked } from '../../../runbook/unchecked.ts';
import { exportedAssignments } from '../../host/shell-program.ts';
import fact from '../host/fact.sh';
import { gitAsOwner } from '../host/git-as-owner.ts';
import { outputShares } from '../host/output-limit.ts';
import { pruneRuns } from '../host/prune-runs.ts';
import { stepRunner } from '../host/step-runner.ts';
import { supervisor } from '../host/supervisor.ts';
import { type HostNotices, noticeFiles } from './notice-files.ts';

/** The contents of `about.json`, on one line: enough for a list, without the plan. Also the second line of `owner`. */
export interface About {
	readonly procedure: string;
	readonly title: string;
	readonly risk: Plan['risk'];
	readonly who: Operator;
	readonly reason: string;
	/** The run that it undoes or continues. */
	readonly from?: string;
	/** It is a guard on the host. */
	readonly guard?: true;
	/** It has no checks, so nothing is to be verified. */
	readonly unchecked?: true;
}

const from = (plan: Plan): string | undefined => plan.retryOf?.run ?? plan.environment.from_run;

export const aboutRun = (plan: Plan, who: Operator, reason: Masked<string>): About => ({
	procedure: plan.procedure,
	title: plan.title,
	risk: plan.risk,
	who,
	reason,
	...(from(plan) !== undefined && { from: from(plan) }),
	...(plan.guard !== undefined && { guard: true as const }),
	...(isUnchecked(plan) && { unchecked: true as const }),
});

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
// Maximum length of one string of an environment, name and NUL included, on Linux with 4 KiB pages: execve(2), MAX_ARG_STRLEN.
const longestVariable = 131_072;
const longestSeconds = 366 * 86_400;

const environmentFile = (plan: Plan): string => {
	const values = { ...plan.environment, directory: plan.directory, project: plan.project };
	for (const [name, value] of Object.entries(values)) {
		if (!variableName.test(name)) {
			throw new BackoutError('config', `${JSON.stringify(name)} cannot be the name of an environment variable`, {
				next: 'rename the variable or input in the runbook: letters, digits and _',
			});
		}
		if (value.includes('\0') || Buffer.byteLength(name) + Buffer.byteLength(value) + 2 > longestVariable) {
			throw new BackoutError('config', `the value of ${name} cannot be passed in the environment`, {
				next: 'it must not contain a NUL byte, and must be shorter than 128 KiB',
			});
		}
	}
	return `${exportedAssignments(values)}\n`;
};

const wholeSeconds = (seconds: number): number => Math.min(longestSeconds, Math.max(1, Math.ceil(seconds) || 1));

/** Returns the names of the step files, without extension: `01-build`. Only characters that are safe in a file name, and no blanks. */
const stepNames = (plan: Plan): string[] =>
	plan.steps.map(
		({ id }, index) =>
			`${String(index + 1).padStart(2, '0')}-${id.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 60) || 'step'}`,
	);

/**
 * Returns `step-list`: a line per step: number, how it is supervised, timeout s, interval s, 1 when it may fail, name. `watch` is the first
 * step of a guard on the host: its end decides whether the others run (after-watching.sh).
 */
const stepList = (plan: Plan, names: readonly string[]): string =>
	plan.steps
		.map((step, index) =>
			[
				index + 1,
				plan.guard !== undefined && index === 0 ? 'watch' : stepKindOf(step).supervised,
				wholeSeconds(step.timeoutSeconds),
				wholeSeconds(step.intervalSeconds ?? 2),
				step.mayFail ? 1 : 0,
				names[index],
			].join(' '),
		)
		.map((line) => `${line}\n`)
		.join('');

/** Pads a file that is overwritten in place and then renamed, so that a result and a cancellation fit even on a full disk. */
const padded = (text: string): string => `${text.padEnd(511)}\n`;

/** POSIX sh: every function that a step may call; its script reads them first. */
export const stepLibrary = ({ stepFunctions }: EngineShell): string => [gitAsOwner, fact, stepFunctions].join('\n');

/** The contents of a run's folder. */
export interface RunContents {
	readonly plan: Plan;
	readonly who: Operator;
	readonly reason: Masked<string>;
	readonly limits: RunLimits;
	/** The readings of the host at the confirmation. */
	readonly before?: Masked<CapturedReadings> | undefined;
	/** The engine's shell, with the functions that steps may call. */
	readonly shell: EngineShell;
	/** The channels that the host tells what happens. */
	readonly notify?: HostNotices | undefined;
	readonly id?: string;
}

/** Returns the files of a new run's folder, by their path in it. */
export const runFiles = ({
	plan,
	who,
	reason,
	limits,
	before,
	shell,
	notify,
	id = '',
}: RunContents): ReadonlyMap<string, string> => {
	const names = stepNames(plan);
	const { head, tail } = outputShares(limits.outputBytes);
	const planText = `${JSON.stringify(plan)}\n`;
	// Known only now: the list of runs shows it, so that the approver sees which plan it is.
	const hash = createHash('sha256').update(planText).digest('hex').slice(0, 12);
	return new Map([
		['plan.json', planText],
		['about.json', `${JSON.stringify(aboutRun(plan, who, reason))}\n`],
		['environment', environmentFile(plan)],
		['step-list', stepList(plan, names)],
		...plan.steps.map((step, index): [string, string] =>
			isManual(step)
				? [`steps/${names[index]}.txt`, `${isApproval(step) ? `Plan ${hash}: ` : ''}${step.text ?? ''}\n`]
				: [
						`steps/${names[index]}.sh`,
						step.script.trim() === '' ? '' : `. "\${0%/*}/../library.sh"\n\n${step.script}\n`,
					],
		),
		// The first to rename it decides whether the step begins: step.sh, or the one who gives the step up.
		...names.map((name): [string, string] => [`steps/${name}.ready`, '']),
		...(plan.retryOf?.origin === undefined ? [] : [['continues', `${plan.retryOf.origin}\n`] as [string, string]]),
		['library.sh', stepLibrary(shell)],
		...Object.entries(shell.stepPrograms).map(([name, text]): [string, string] => [`bin/${name}`, text]),
		['supervisor.sh', supervisor],
		['step.sh', stepRunner],
		['prune.sh', pruneRuns(shell)],
		...(shell.sharedLock === undefined ? [] : [['shared-lock.sh', shell.sharedLock] as [string, string]]),
		...(shell.leftInside === undefined ? [] : [['left-inside.sh', shell.leftInside] as [string, string]]),
		['limits', `${head} ${tail}\n`],
		['keep', `${Math.floor(limits.keepMs / 1000)} ${Math.floor(limits.keepBytes / 1024)}\n`],
		['result.new', padded('')],
		['cancel.new', padded('{}')],
		...(before === undefined ? [] : [['readings', `${JSON.stringify(before)}\n`] as [string, string]]),
		...(notify === undefined ? [] : noticeFiles(plan, id, notify)),
		['out', ''],
		['records', ''],
		['facts', ''],
		['alive', ''],
	]);
};
