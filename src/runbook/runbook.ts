import type { ThemeName } from './preferences.ts';
import type * as config from './schema/config.ts';
import type * as entries from './schema/entries.ts';
import type * as parts from './schema/parts.ts';
import type * as procedures from './schema/procedures.ts';
import type { Shape } from './shapes/infer.ts';
import type { StepKind } from './step-kinds/index.ts';
import type { BuiltStep } from './step-kinds/step-kind.ts';

// What is written in a file is described where it is read: schema/procedures.ts, schema/entries.ts, schema/config.ts.

/** The machine that makes an HTTP request: the host, through the connection, or this machine. */
export type Through = Shape<ReturnType<typeof parts.through>>;

/** How an HTTP request is made, beside its URL. */
export type HttpRequest = {
	readonly [Key in keyof ReturnType<typeof parts.request>]: Shape<ReturnType<typeof parts.request>[Key]>;
};

/** What an HTTP request must be answered with. */
export type HttpExpectation = Shape<ReturnType<typeof parts.expectation>>;

/** What is asked at an interval, ms, and how long an answer may take, ms. */
export type Timed<Entry> = Omit<Entry, 'interval' | 'timeout'> & {
	readonly intervalMs: number;
	readonly timeoutMs: number;
};

/** What is watched. What each entry is, its monitor knows (services/monitors/monitor-kinds.ts). */
export type Monitors = Readonly<Record<string, unknown>>;

/** One check. What else it has is known to its kind alone (services/checks/check-kinds.ts). */
export interface CheckDefinition {
	readonly id: string;
	readonly title: string;
	readonly kind: string;
	readonly [field: string]: unknown;
}

/** An input as it is used: it has a title, and where it has no choices, an empty script for them. */
export type InputDefinition = Shape<typeof procedures.inlineInput> & {
	readonly title: string;
	readonly choices: string;
};

export type StepDefinition = Pick<Shape<typeof procedures.step>, 'id' | 'title' | 'mayFail'> &
	BuiltStep & { readonly kind: StepKind };

export type PreconditionDefinition = Pick<Shape<typeof procedures.precondition>, 'id' | 'title'> &
	Partial<Pick<Shape<typeof procedures.precondition>, 'once'>> & { readonly script: string };

type ProcedureEntry = Omit<Shape<typeof procedures.procedure>, 'preconditions' | 'disabled'>;

/** A procedure as it is used: names of inputs and scripts are followed, and what may be left out has its default. */
export interface ProcedureDefinition extends ProcedureEntry {
	readonly id: string;
	readonly inputs: readonly InputDefinition[];
	readonly preconditions: readonly PreconditionDefinition[];
	readonly previews: readonly { readonly title: string; readonly script: string }[];
	readonly steps: readonly StepDefinition[];
	readonly restorePoint: boolean;
	readonly verify: readonly string[];
}

export type Link = Shape<typeof entries.link>;

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
	readonly suggestions: readonly Shape<typeof entries.suggestion>[];
}

export type SuggestionCondition = Shape<typeof entries.condition>;

/** What a run may take and leave behind on the host. Sizes in bytes, times in ms. */
export type RunLimits = NonNullable<Shape<typeof config.runs>>;

/** How the operator is told that a run has ended, or waits for him. */
export type NotifyPreferences = NonNullable<Shape<typeof config.notify>>;

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
	readonly compose?: Shape<typeof config.compose>;
	readonly runbook: Runbook;
	readonly badge?: string;
	readonly readOnly: boolean;
	/** Folder on the host for runs and the lock; default: found by services/runner. */
	readonly state?: string;
	/** Undefined: as `defaultRunLimits`. */
	readonly runs?: RunLimits;
	/** Where programs are on the host, where the config says it. */
	readonly programs?: { readonly path?: readonly string[]; readonly engineHost?: string; readonly sudo?: boolean };
	readonly ssh: {
		readonly identityFile?: string;
		readonly knownHosts?: string;
		/** Configuration file, like `ssh -F`. */
		readonly configFile?: string;
		/** Jump hosts, like `ssh -J`. */
		readonly jump?: string;
		/** Which program connects; default `auto`. */
		readonly transport?: SshTransport;
	};
}

/** How a host is reached by SSH: by the system's ssh, by the library ssh2, or by the one that can do what is configured. */
export type SshTransport = 'auto' | 'openssh' | 'ssh2';

export interface Config {
	readonly file: string;
	readonly targets: readonly Target[];
	/** The target opened when none is named; the first, unless `default` says otherwise. */
	readonly defaultTarget: string;
	/** There are several targets, and the config says of none that it is the default: what changes a host must name one. */
	readonly noDefault?: true;
	readonly theme?: ThemeName;
	readonly notify?: NotifyPreferences;
	/** The screen as lines of words, to be read aloud. */
	readonly screenReader?: boolean;
}
