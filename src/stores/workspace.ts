import type { InstanceDescription } from '../engine/instance.ts';
import type { Verification } from '../runbook/check.ts';
import type { Suggestion } from '../runbook/diagnose.ts';
import type { WholeHistory } from '../runbook/history.ts';
import type { LinkState } from '../runbook/link.ts';
import type { MissingHost } from '../runbook/missing-host.ts';
import type { InputOffer, Plan, PlanPreview, Risk } from '../runbook/plan.ts';
import type {
	AlertReading,
	BackupReading,
	CommitReading,
	ContainerReading,
	DiskReading,
	HealthReading,
	LogErrorsReading,
	MetricSeries,
	Reading,
} from '../runbook/reading.ts';
import type { Answer, LockHolder, Run, RunSummary } from '../runbook/run.ts';
import type { Link } from '../runbook/runbook.ts';
import type { LentTerminal } from '../terminal/lent-terminal.ts';
import type { ErrorPattern, FollowedLogs, LogSince } from './followed-logs.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { Readable } from './store.ts';

/** The facts about a target that do not change while its dashboard is open. */
export interface TargetInfo {
	readonly name: string;
	/** Label on the screen: user@host:port, or `local`. */
	readonly host: string;
	readonly directory: string;
	readonly project: string;
	readonly badge?: string;
	readonly readOnly: boolean;
	readonly runbookTitle: string;
	/** The service whose log the runbook monitors; its log is shown first while all is well. */
	readonly mainService?: string;
}

export interface ProcedureSummary {
	readonly id: string;
	readonly title: string;
	readonly group: string;
	readonly when: string;
	readonly risk: Risk;
	/** Names of its inputs. */
	readonly inputs: readonly string[];
	/** The input that names a service, where that is its only one: the page of a container opens it for its service. */
	readonly serviceInput?: string;
	/** Inputs beside whose choices it is shown what each would change. */
	readonly previewed?: readonly string[];
	/** It stops something on purpose: after it, checks fail that usually pass. */
	readonly stops?: true;
	/** True when its runs save a restore point, and so can be undone. */
	readonly undoable: boolean;
}

/** A named endpoint with its readings. */
export interface HealthEndpoint {
	readonly name: string;
	readonly url: string;
	readonly reading: Readable<Reading<HealthReading>>;
}

/** Everything that is monitored on a target; every panel subscribes to its own part only. */
export interface Readings {
	readonly link: Readable<LinkState>;
	readonly containers: Readable<Reading<readonly ContainerReading[]>>;
	readonly health: readonly HealthEndpoint[];
	readonly metrics: Readable<Reading<readonly MetricSeries[]>>;
	readonly alerts: Readable<Reading<readonly AlertReading[]>>;
	readonly commit: Readable<Reading<CommitReading>>;
	readonly backups: Readable<Reading<BackupReading>>;
	readonly disk: Readable<Reading<DiskReading>>;
	readonly logErrors: Readable<Reading<LogErrorsReading>>;
	/** The current results of the checks, updated continuously; undefined before the first ones. */
	readonly verification: Readable<Verification | undefined>;
	readonly lock: Readable<LockHolder | undefined>;
	/** Newest first; undefined before the journal was read. */
	readonly runs: Readable<readonly RunSummary[] | undefined>;
	/** The hosts of the target whose runs are not among these. */
	readonly runsMissing: Readable<readonly MissingHost[]>;
	readonly suggestion: Readable<Suggestion | undefined>;
}

/** The state of following a run. `lost`: what the host does is unknown until it is asked again. */
export interface Following {
	readonly status: 'live' | 'ended' | 'lost';
	readonly reason?: string;
	/** True when the link is up, and the host does not answer in time. */
	readonly linkUp?: boolean;
}

/** A run being followed: its steps, its output, and the verification after it. */
export interface FollowedRun {
	readonly id: string;
	readonly run: Readable<Run>;
	readonly following: Readable<Following>;
	readonly output: OutputBuffer;
	readonly verification: Readable<Verification | undefined>;
	/** Stops following; the run keeps running. */
	close(): void;
}

/** A stream of output in a pane: a service's log, or a run. */
export type Followed = FollowedLog | FollowedRun;

/** A service's log that is being followed. */
export interface FollowedLog {
	readonly service: string;
	readonly output: OutputBuffer;
	readonly status: Readable<{ readonly status: 'live' | 'ended' | 'lost'; readonly reason?: string }>;
	/** The lines that the runbook calls errors. */
	readonly errors?: ErrorPattern;
	close(): void;
}

/** A file that was written on this machine. */
export interface SavedFile {
	/** Absolute path. */
	readonly file: string;
	readonly bytes: number;
}

/** The container that a shell is opened in. */
export interface ShellPlace {
	readonly id: string;
	readonly name: string;
	readonly service: string;
}

/** How a shell ended. */
export interface ShellEnd {
	/** One sentence. */
	readonly said: string;
	/** Resolves when its end is in the journal. */
	readonly noted: Promise<void>;
}

/** The operator's actions; each but `openShell` is also a command. Each rejects with a BackoutError. */
export interface Actions {
	inputs(procedure: string, signal: AbortSignal): Promise<readonly InputOffer[]>;
	/** What a choice would change, as far as the runbook shows it beside the choices of that input. Changes nothing. */
	choicePreviews(
		procedure: string,
		choice: { readonly input: string; readonly value: string },
		signal: AbortSignal,
	): Promise<readonly PlanPreview[]>;
	/**
	 * Makes a plan. Changes nothing. Inputs that are not given take their preset.
	 *
	 * @param allowed losses that are accepted, SERVICE:ASPECT:NAME
	 */
	plan(
		procedure: string,
		inputs: Readonly<Record<string, string>>,
		signal: AbortSignal,
		allowed?: readonly string[],
	): Promise<Plan>;
	/** Plans the undo of a run, from its restore point. Changes nothing. */
	undoPlan(run: string, signal: AbortSignal, allowed?: readonly string[]): Promise<Plan>;
	/** Plans to run a run again from the step that it did not get past. Changes nothing. */
	retryPlan(run: string, signal: AbortSignal, allowed?: readonly string[]): Promise<Plan>;
	/**
	 * Starts the plan on the host and follows it; verification begins when the steps are done. `onUnknown` is called when the link was lost
	 * meanwhile, so that the host has to be asked whether the run was started.
	 */
	start(plan: Plan, reason: string, onUnknown?: (run: string, reason: string) => void): Promise<FollowedRun>;
	attach(run: string): Promise<FollowedRun>;
	/** Cancels it on the host; describes, in sentences, the result and the state of the host. */
	cancel(run: string): Promise<{ readonly lines: readonly string[]; readonly wayBack?: string }>;
	/** Answers the manual step of that number (from 1) that a run waits at. */
	answer(run: string, step: number, answer: Exclude<Answer['answer'], 'approved'>, reason: string): Promise<void>;
	/** Reads what was deployed, whoever did it, newest first. Changes nothing. */
	history(signal: AbortSignal): Promise<WholeHistory>;
	/** Reads what a container was created with, its secrets masked; undefined when it is gone. */
	describe(container: string, signal: AbortSignal): Promise<InstanceDescription | undefined>;
	/**
	 * Opens a shell in a container on a terminal that nobody else uses meanwhile; it is noted in the journal. Rejects without one when
	 * the target is read-only.
	 */
	openShell(place: ShellPlace, terminal: LentTerminal): Promise<ShellEnd>;
	followLog(service: string): FollowedLog;
	/** Follows the logs of services together, with Docker's times. */
	followLogs(services: readonly string[], since: LogSince): FollowedLogs;
	/** Saves the whole output of a run, as it is on the host, into a new file of the current folder. */
	saveOutput(run: string): Promise<SavedFile>;
	/** Saves the part of a log that is in memory in the same way. */
	saveLog(log: FollowedLog): Promise<SavedFile>;
	/** Saves lines of logs in the same way; `what` becomes part of the file's name. */
	saveLines(what: string, lines: Iterable<Uint8Array>): Promise<SavedFile>;
	/** Writes the incident report of a run, as Markdown, into a new file of the current folder. */
	saveReport(run: string): Promise<SavedFile>;
	/** Reads everything again now. */
	refresh(): void;
}

/** A question of the connection to the operator. */
export interface PendingPrompt {
	readonly kind: 'passphrase' | 'password' | 'keyboard-interactive';
	/** May contain text from the server; unsanitised. */
	readonly prompt: string;
	readonly host: string;
	/** Undefined: the operator declined to answer. */
	answer(text: string | undefined): void;
}

/** Everything a screen needs to know about one target. */
export interface Workspace {
	readonly target: TargetInfo;
	readonly procedures: readonly ProcedureSummary[];
	readonly links: readonly Link[];
	/** POSIX sh: every function that a step of a plan may call. */
	readonly stepLibrary: string;
	readonly readings: Readings;
	readonly actions: Actions;
	/** The current question to the operator. */
	readonly question: Readable<PendingPrompt | undefined>;
	/** A message about something that failed in the background, in a line; empty if there is none. */
	readonly notice: Readable<string>;
	close(): Promise<void>;
}
