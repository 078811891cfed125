import type { Risk } from './plan.ts';
import type { NotifyPreferences, ThemeName } from './preferences.ts';
import type { RunLimits } from './run-limits.ts';
import type { StepKind } from './step-kinds/index.ts';

/** Where an HTTP request is made from: on the host through the connection, or from this machine. */
export type Through = 'host' | 'direct';

export interface HttpExpectation {
	/** Default 200. */
	readonly status: number;
	/** A regular expression the body must match. */
	readonly body?: string;
}

export interface HealthMonitor {
	readonly name: string;
	readonly url: string;
	readonly through: Through;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	readonly expect: HttpExpectation;
}

export interface MetricsMonitor {
	readonly url: string;
	readonly through: Through;
	readonly intervalMs: number;
	readonly timeoutMs: number;
	/** The series to show: name, optionally with label matchers as Prometheus writes them, `http_requests_total{code="500"}`. */
	readonly series: readonly {
		readonly series: string;
		readonly title: string;
		readonly unit?: string;
		/** Show the increase a second instead of the value; for counters. */
		readonly rate: boolean;
	}[];
	/** Where `series` is empty: the first gauges of the page whose names begin with this are shown. */
	readonly prefix?: string;
}

/** What is watched. What else there is, its monitor knows (services/monitors/monitor-kinds.ts). */
export interface Monitors {
	readonly [key: string]: unknown;
	readonly health: readonly HealthMonitor[];
	readonly metrics?: MetricsMonitor;
	/** The base URL of an Alertmanager. */
	readonly alerts?: {
		readonly url: string;
		readonly through: Through;
		readonly intervalMs: number;
		readonly timeoutMs: number;
		/** Names of alerts that alarm nobody. A regular expression (JavaScript, flag `u`) for the whole name. */
		readonly ignore?: readonly string[];
	};
	/** Files counted as backups: shell patterns relative to the directory. */
	readonly backups?: {
		readonly patterns: readonly string[];
		readonly warnAfterMs: number;
		readonly intervalMs: number;
	};
	readonly disk: {
		readonly path: string;
		readonly warnPercent: number;
		readonly downPercent: number;
		readonly intervalMs: number;
	};
	/** Watch the deployed commit of the directory. */
	readonly commit?: { readonly intervalMs: number };
	/** Errors a minute in a service's log. */
	readonly log?: { readonly service: string; readonly pattern: string; readonly except?: string };
}

/** One check. What else it has is known to its kind alone (services/checks/check-kinds.ts). */
export interface CheckDefinition {
	readonly id: string;
	readonly title: string;
	readonly kind: string;
	readonly [field: string]: unknown;
}

export interface InputDefinition {
	readonly name: string;
	readonly title: string;
	/** What kind of thing it is: lets the program add what it knows, e.g. which commits passed verification. */
	readonly type: 'commit' | 'image' | 'file' | 'text';
	/** Runs on the host; prints a line a choice: value TAB label TAB detail TAB marks (comma separated; the last two may be missing). */
	readonly choices: string;
	/** Runs on the host with `$value`; prints the canonical value, or exits non-zero saying why not. Without it a value must be one of the choices. */
	readonly resolve?: string;
	/**
	 * What is taken when the operator names none. `first`: the first choice that is not bad. `good`: the one that
	 * verification passed on last and that does not run now, else the one marked `fallback`.
	 */
	readonly preset: 'first' | 'good' | 'none';
}

export interface StepDefinition {
	readonly id: string;
	readonly title: string;
	readonly kind: StepKind;
	readonly script: string;
	/** What the operator is to do. */
	readonly text?: string;
	readonly timeoutMs: number;
	readonly intervalMs?: number;
	readonly mayFail: boolean;
}

export interface PreconditionDefinition {
	readonly id: string;
	readonly title: string;
	readonly script: string;
	/** It need hold before the first step only: the steps themselves end it. */
	readonly once?: boolean;
}

export interface ProcedureDefinition {
	readonly id: string;
	readonly title: string;
	readonly group: string;
	readonly when: string;
	readonly risk: Risk;
	readonly inputs: readonly InputDefinition[];
	/** Each runs on the host before anything is changed; exit 0 holds, otherwise what it prints says why not. */
	readonly preconditions: readonly PreconditionDefinition[];
	/** Shown in the plan: what each script prints on the host. */
	readonly previews: readonly { readonly title: string; readonly script: string }[];
	readonly steps: readonly StepDefinition[];
	/** Services interrupted by it. */
	readonly interrupts: readonly string[];
	/** Keep what stands before changing anything. Default: true unless the risk is read-only. */
	readonly restorePoint: boolean;
	/**
	 * Refuse it while a disk of the host is nearly full. Default: true unless the risk is read-only. False: an emergency, which
	 * rests on no file of the deployment, and whose restore point is completed after its steps.
	 */
	readonly needsRoom?: boolean;
	/** Ids of the checks afterwards. Default: the runbook's verification. */
	readonly verify: readonly string[];
	/** The inputs whose commit or image must run afterwards, and the service: adds the check `version`. */
	readonly expects?: { readonly service: string; readonly commit?: string; readonly image?: string };
	/**
	 * Containers are made anew from what an input chooses: a commit, an image of `expects.service`, or a file that is put back. The
	 * plan then compares what runs with what Compose would make. `always`: services that are made anew whatever differs.
	 */
	readonly recreates?: {
		readonly commit?: string;
		readonly image?: string;
		readonly file?: string;
		readonly always?: readonly string[];
	};
	readonly notes: readonly string[];
}

/** Where an operator turns to: a page, something in words (a command, a document), or both. */
export interface Link {
	readonly title: string;
	readonly url?: string;
	readonly text?: string;
}

/** What a link says after its title. */
export const linkLabel = ({ url, text }: Link): string => [url, text].filter((part) => part !== undefined).join(' ');

/** A runbook as it is used: extended, variables filled in, defaults set. */
export interface Runbook {
	readonly title: string;
	/** Lower-case names: POSIX reserves environment variable names with lower-case letters for applications (XBD 8.1). */
	readonly variables: Readonly<Record<string, string>>;
	readonly monitors: Monitors;
	readonly checks: readonly CheckDefinition[];
	readonly verification: {
		readonly checks: readonly string[];
		readonly settleMs: number;
		readonly deadlineMs: number;
	};
	/** Paths, relative to the directory, that every restore point copies. Missing: none. */
	readonly keeps?: readonly string[];
	readonly links: readonly Link[];
	readonly procedures: readonly ProcedureDefinition[];
	/** What is suggested, from a reading: the first whose condition holds. */
	readonly suggestions: readonly {
		readonly procedure: string;
		readonly why: string;
		readonly when: SuggestionCondition;
	}[];
}

/** Conditions over readings; all that are given must hold. */
export interface SuggestionCondition {
	/** A service's container restarts, or has ended with an error, or is gone. */
	readonly restarting?: string;
	/** A service's container stands still and nothing will start it: it was stopped. */
	readonly stopped?: string;
	readonly unhealthy?: string;
	/** A service's containers run, and none has been restarted. */
	readonly running?: string;
	/** The deployed commit is not known to be good, and another one is. */
	readonly commit?: 'unproven';
	/** The deployed commit is known to be good, but a service runs another image than the one that was verified. */
	readonly rebuilt?: string;
	/** A check stands failed. */
	readonly failed?: string;
	/** What a check rests on, whatever its verdict, has a line that matches. Regular expressions are JavaScript's, flags `iu`. */
	readonly evidence?: { readonly check: string; readonly matches: string };
	/** The first line of what a health endpoint answered matches. */
	readonly body?: { readonly endpoint: string; readonly matches: string };
	/** The newest error line of the log that is watched matches, and errors were written in the last minutes. */
	readonly error?: string;
}

/** A target of the config, defaults set. */
export interface Target {
	readonly name: string;
	/** `[user@]host[:port]`, a Host of ~/.ssh/config, or `local`. */
	readonly host: string;
	/** Absolute path on the host. */
	readonly directory: string;
	/** Compose project name; where the config names none, a guess: the directory's base name as Compose makes it. */
	readonly project: string;
	/** Whether the config names the project. Otherwise the containers on the host say what it is. */
	readonly projectGiven: boolean;
	/** How Compose is called for this deployment, where the config says it; otherwise the containers do. */
	readonly compose?: {
		readonly files: readonly string[];
		readonly envFiles: readonly string[];
		readonly profiles: readonly string[];
		readonly command?: string;
	};
	readonly runbook: Runbook;
	readonly badge?: string;
	readonly readOnly: boolean;
	/** Folder on the host for runs and the lock; default: found by services/runner. */
	readonly state?: string;
	/** Undefined: as `defaultRunLimits`. */
	readonly runs?: RunLimits;
	readonly ssh: {
		readonly identityFile?: string;
		readonly knownHosts?: string;
		/** As `ssh -F`. */
		readonly configFile?: string;
		/** As `ssh -J`, one hop. */
		readonly jump?: string;
	};
}

export interface Config {
	readonly file: string;
	readonly targets: readonly Target[];
	/** The target opened when none is named; the first, unless `default` says otherwise. */
	readonly defaultTarget: string;
	readonly theme?: ThemeName;
	readonly notify?: NotifyPreferences;
	/** The screen as lines of words, to be read aloud. */
	readonly screenReader?: boolean;
}
