import type { Readable } from 'node:stream';
import type { EngineShell } from '../../../engine/shell.ts';
import type { CapturedReadings } from '../../../runbook/captured-readings.ts';
import { BackoutError } from '../../../runbook/errors.ts';
import type { Masked } from '../../../runbook/masked.ts';
import type { Plan } from '../../../runbook/plan.ts';
import { changes } from '../../../runbook/risk.ts';
import type { Operator } from '../../../runbook/run.ts';
import { defaultRunLimits } from '../../../runbook/run-limits.ts';
import type { RunLimits } from '../../../runbook/runbook.ts';
import { maskSecrets } from '../../../runbook/secrets.ts';
import { quote } from '../../../runbook/shell-quote.ts';
import { isApproval } from '../../../runbook/step-kinds/index.ts';
import type { ExecEnd, Host, HostProcess } from '../../host/host.ts';
import { noCommandRun } from '../../host/no-command-run.ts';
import { type ProgramPlaces, programsPrelude, programVariables } from '../../host/programs.ts';
import { assertWritable } from '../../host/read-only.ts';
import { refusal } from '../../host/run-script.ts';
import { afterMark, newMark, shellCommand, shellProgram } from '../../host/shell-program.ts';
import { findElsewhere } from '../host/find-elsewhere.ts';
import { findRunProcesses } from '../host/find-run-processes.ts';
import readIdentity from '../host/read-identity.sh';
import continueRun from '../host/start-go-on.sh';
import launch from '../host/start-launch.sh';
import prepare from '../host/start-prepare.sh';
import { createState, locateState, stateValues } from '../host/state-folder.ts';
import { graceSeconds } from '../host/supervisor.ts';
import { busyError, parseOwner } from './lock.ts';
import { type HostNotices, secretLines } from './notice-files.ts';
import { aboutRun, runFiles } from './run-folder.ts';
import { assertRunId, newRunId } from './run-id.ts';

export interface StartOptions {
	readonly plan: Plan;
	/** The shell of the engine that runs the deployment. */
	readonly shell: EngineShell;
	readonly who: Operator;
	/** It is masked. */
	readonly reason: string;
	/** `target.state` of the config. */
	readonly state?: string;
	/** The readings of the host at the confirmation. */
	readonly before?: Masked<CapturedReadings>;
	/** Default: a new one. Pass the same one again after an unknown outcome: the run is started once. */
	readonly id?: string;
	/** Limits for its output, and for earlier runs. */
	readonly limits?: RunLimits | undefined;
	/** The channels that the host tells what happens; default: none. */
	readonly notify?: HostNotices | undefined;
	/** True: the run starts also where the engine's shared lock cannot be taken because the engine does not answer. */
	readonly isEmergency?: boolean;
	/** Seconds between TERM and KILL when the run is cancelled or a step is out of time. Default 10. */
	readonly graceSeconds?: number;
}

/** Limit for the upload and the supervisor's first message, ms. */
const startTimeoutMs = 30_000;

/** Returns the whole program that starts a run, as sent to the host. */
export const startProgram = (mark: string, id: string, options: StartOptions, places?: ProgramPlaces): string => {
	const { plan, shell, who, state, before, notify } = options;
	const reason = maskSecrets(options.reason);
	const isContinued = plan.retryOf?.origin !== undefined;
	const limits = options.limits ?? defaultRunLimits;
	const puts = [...runFiles({ plan, who, reason, limits, before, shell, notify, id })].map(
		([path, text]) => `put ${quote(path)} ${quote(text)}`,
	);
	return shellProgram(
		mark,
		{
			...programVariables(places),
			...stateValues({ directory: plan.directory, state }),
			id,
			about: JSON.stringify(aboutRun(plan, who, reason)),
			grace: String(options.graceSeconds ?? graceSeconds),
			// A guard takes the lock when it acts (after-watching.sh).
			locked: plan.risk === 'read-only' || plan.guard !== undefined ? '0' : '1',
			origin: plan.retryOf?.origin ?? '',
			before: plan.retryOf?.run ?? '',
			claimed: plan.steps.some(isApproval) ? `${who.user}@${who.machine}` : '',
			emergency: options.isEmergency === true ? '1' : '',
			free_room: shell.freeSpace,
			notify_secrets: notify === undefined ? '' : secretLines(notify),
		},
		[
			programsPrelude(places),
			locateState,
			createState,
			findRunProcesses,
			findElsewhere,
			...(plan.steps.some(isApproval) ? [readIdentity] : []),
			prepare,
			...puts,
			...(isContinued ? [continueRun] : []),
			launch,
		],
	);
};

/** Collects a stream as it arrives. */
const collect = (stream: Readable): { text(): Buffer } => {
	const chunks: Buffer[] = [];
	stream.on('data', (chunk: Buffer) => chunks.push(chunk));
	stream.on('error', () => {});
	return { text: () => Buffer.concat(chunks) };
};

const endOf = async (running: HostProcess, signal: AbortSignal): Promise<ExecEnd | undefined> => {
	const stop = () => running.close();
	signal.addEventListener('abort', stop, { once: true });
	try {
		const end = await running.end;
		return signal.aborted ? undefined : end;
	} catch {
		return undefined;
	} finally {
		signal.removeEventListener('abort', stop);
	}
};

/**
 * Starts a run on the host and returns once its supervisor has reported that it runs. From then on it needs no connection.
 *
 * Throws BackoutError: `refused` when the lock is held or the host cannot keep a run (nothing was changed), and `outcome-unknown`, with
 * `run` set to the id, when the link was lost or the call was aborted after the program had been sent: call it again with the same id, or
 * read the run.
 */
export const startRun = async (
	host: Host,
	options: StartOptions,
	signal?: AbortSignal,
): Promise<{ readonly id: string }> => {
	if (changes(options.plan)) {
		assertWritable(host, options.plan.title);
	}
	const id = options.id ?? newRunId();
	assertRunId(id);
	const mark = newMark();
	const program = startProgram(mark, id, options, host.programs);
	const deadline = AbortSignal.timeout(startTimeoutMs);
	const stop = signal ? AbortSignal.any([signal, deadline]) : deadline;
	const running = await host
		.spawn(shellCommand, { signal: stop, goesOn: true, short: true })
		.catch((error: unknown) => {
			if (deadline.aborted && !signal?.aborted) {
				throw new BackoutError('unreachable', 'the run was not started: the host did not answer', {
					host: host.name,
					next: 'start it again when the link is back',
				});
			}
			throw error;
		});
	const stdout = collect(running.stdout);
	const stderr = collect(running.stderr);
	running.stdin.on('error', () => {});
	running.stdin.end(program);
	const end = await endOf(running, stop);

	const said = afterMark(stdout.text(), mark)?.toString('utf8') ?? '';
	if (/^(started|exists)\n/m.test(said)) {
		return { id };
	}
	const problem = stderr.text().toString('utf8');
	const refused = refusal(host.name, problem);
	if (refused) {
		throw refused;
	}
	if (said.startsWith('busy\n') && end?.code === 0) {
		const holder = parseOwner(said.slice('busy\n'.length));
		if (holder.run === id) {
			return { id };
		}
		throw busyError(host.name, options.plan.directory, holder, said.split('\n')[3] || undefined);
	}
	if (end?.code === undefined) {
		throw new BackoutError('outcome-unknown', `the link was lost while run ${id} was being started`, {
			host: host.name,
			run: id,
			next: `\`backout attach ${id}\` shows whether it runs`,
		});
	}
	if (afterMark(stdout.text(), mark) === undefined && !/syntax error/i.test(problem)) {
		const { message, next } = noCommandRun(host.name, `${stdout.text().toString('utf8')}\n${problem}`, end.code);
		throw new BackoutError('refused', `the host did not start the run: ${message}`, { host: host.name, next });
	}
	throw new BackoutError('refused', `the host did not start the run (exit code ${end.code})`, {
		host: host.name,
		output: problem.slice(0, 4000),
		next: '`backout doctor` shows what is missing on the host',
	});
};
