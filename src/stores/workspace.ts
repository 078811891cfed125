import type { InstanceDescription } from '../engine/instance.ts';
import type { Verification } from '../runbook/check.ts';
import type { Suggestion } from '../runbook/diagnose.ts';
import type { LinkState } from '../runbook/link.ts';
import type { InputOffer, Plan, Risk } from '../runbook/plan.ts';
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
import type { FollowedLogs, LogSince } from './followed-logs.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { Readable } from './store.ts';

/** What is fixed about a target while its dashboard is open. */
export interface TargetInfo {
	readonly name: string;
	/** Label on the screen: user@host:port, or `local`. */
	readonly host: string;
	readonly directory: string;
	readonly project: string;
	readonly badge?: string;
	readonly readOnly: boolean;
	readonly runbookTitle: string;
	/** The service whose log the runbook watches; its log is shown first while all is well. */
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
	/** Whether its runs save a restore point, and so can be undone. */
	readonly undoable: boolean;
}

/** A named endpoint with its readings. */
export interface HealthEndpoint {
	readonly name: string;
	readonly url: string;
	readonly reading: Readable<Reading<HealthReading>>;
}

/** All that is watched on a target; every panel subscribes to its own part only. */
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
	/** The checks as they stand now, looked at continuously; undefined before the first look. */
	readonly verification: Readable<Verification | undefined>;
	readonly lock: Readable<LockHolder | undefined>;
	/** Newest first; undefined before the journal was read. */
	readonly runs: Readable<readonly RunSummary[] | undefined>;
	readonly suggestion: Readable<Suggestion | undefined>;
}

/** How a run is followed. `lost`: what the host does is unknown until it is asked again. */
export interface Following {
	readonly status: 'live' | 'ended' | 'lost';
	readonly reason?: string;
	/** It is the host that does not answer in time: the link is up. */
	readonly linkUp?: boolean;
}

/** A run being followed: its steps, its output, and the verification after it. */
export interface FollowedRun {
	readonly id: string;
	readonly run: Readable<Run>;
	readonly following: Readable<Following>;
	readonly output: OutputBuffer;
	readonly verification: Readable<Verification | undefined>;
	/** Stops following; the run goes on. */
	close(): void;
}

/** A stream of output that a pane shows: a service's log, or a run. */
export type Followed = FollowedLog | FollowedRun;

/** A service's log being followed. */
export interface FollowedLog {
	readonly service: string;
	readonly output: OutputBuffer;
	readonly status: Readable<{ readonly status: 'live' | 'ended' | 'lost'; readonly reason?: string }>;
	close(): void;
}

/** A file that was written on this machine. */
export interface SavedFile {
	/** Absolute. */
	readonly file: string;
	readonly bytes: number;
}

/** What the operator can do; all of it is also a command. Each rejects with a BackoutError. */
export interface Actions {
	inputs(procedure: string, signal: AbortSignal): Promise<readonly InputOffer[]>;
	/**
	 * Changes nothing. Inputs not given take their preset.
	 *
	 * @param allowed what may be lost by it, SERVICE:ASPECT:NAME
	 */
	plan(
		procedure: string,
		inputs: Readonly<Record<string, string>>,
		signal: AbortSignal,
		allowed?: readonly string[],
	): Promise<Plan>;
	/** The plan of the way back of a run, from its restore point. Changes nothing. */
	undoPlan(run: string, signal: AbortSignal): Promise<Plan>;
	/** The plan to run a run again from the step that it did not get past. Changes nothing. */
	retryPlan(run: string, signal: AbortSignal): Promise<Plan>;
	/**
	 * Starts the plan on the host and follows it; verification begins when the steps are done. `onUnknown` is told when the
	 * link was lost meanwhile, and that the host is being asked whether the run was started.
	 */
	start(plan: Plan, reason: string, onUnknown?: (run: string, reason: string) => void): Promise<FollowedRun>;
	attach(run: string): Promise<FollowedRun>;
	/** Ends it on the host; says, in sentences, what came of it and in what state the host is left. */
	cancel(run: string): Promise<{ readonly lines: readonly string[]; readonly wayBack?: string }>;
	/** Answers the manual step of that number (from 1) that a run waits at. */
	answer(run: string, step: number, answer: Answer['answer'], reason: string): Promise<void>;
	/** What a container was created with, its secrets masked; undefined when it is gone. */
	describe(container: string, signal: AbortSignal): Promise<InstanceDescription | undefined>;
	followLog(service: string): FollowedLog;
	/** Follows the logs of services together, with Docker's times. */
	followLogs(services: readonly string[], since: LogSince): FollowedLogs;
	/** Saves the whole output of a run, as it is on the host, into a new file of the current folder. */
	saveOutput(run: string): Promise<SavedFile>;
	/** Saves what is in memory of a log in the same way. */
	saveLog(log: FollowedLog): Promise<SavedFile>;
	/** Saves lines of logs in the same way; `what` becomes part of the file's name. */
	saveLines(what: string, lines: Iterable<Uint8Array>): Promise<SavedFile>;
	/** Writes the incident report of a run, as Markdown, into a new file of the current folder. */
	saveReport(run: string): Promise<SavedFile>;
	/** Looks at everything again, now. */
	refresh(): void;
}

/** What the connection needs to know before it is let in. */
export interface PendingPrompt {
	readonly kind: 'passphrase' | 'password' | 'keyboard-interactive';
	/** May hold text of the server; unsanitised. */
	readonly prompt: string;
	readonly host: string;
	/** Undefined: the operator would not say. */
	answer(text: string | undefined): void;
}

/** Everything a screen needs of one target. */
export interface Workspace {
	readonly target: TargetInfo;
	readonly procedures: readonly ProcedureSummary[];
	readonly links: readonly Link[];
	/** POSIX sh: every function that a step of a plan may call. */
	readonly stepLibrary: string;
	readonly readings: Readings;
	readonly actions: Actions;
	/** What the operator is asked now. */
	readonly question: Readable<PendingPrompt | undefined>;
	/** What could not be done beside the screen, in a line; empty before. */
	readonly told: Readable<string>;
	close(): Promise<void>;
}
