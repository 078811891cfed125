import type { ThemeName } from './preferences.ts';
import type * as config from './schema/config.ts';
import type * as entries from './schema/entries.ts';
import type * as parts from './schema/parts.ts';
import type * as procedures from './schema/procedures.ts';
import type { silence } from './schema/silence.ts';
import type { Shape } from './shapes/infer.ts';
import type { StepKind } from './step-kinds/index.ts';
import type { BuiltStep } from './step-kinds/step-kind.ts';

// The keys of the files are described where they are read: schema/procedures.ts, schema/entries.ts, schema/config.ts.

/** The settings of an HTTP request, besides its URL. */
export type HttpRequest = {
	readonly [Key in keyof ReturnType<typeof parts.request>]: Shape<ReturnType<typeof parts.request>[Key]>;
};

/** The expected response to an HTTP request. */
export type HttpExpectation = Shape<ReturnType<typeof parts.expectation>>;

/** An entry that is polled: interval and timeout in ms. */
export type Timed<Entry> = Omit<Entry, 'interval' | 'timeout'> & {
	readonly intervalMs: number;
	readonly timeoutMs: number;
};

/** The monitors. Each entry's type is known to its monitor (services/monitors/monitor-kinds.ts). */
export type Monitors = Readonly<Record<string, unknown>>;

/** One check. Its other keys are known only to its kind (services/checks/check-kinds.ts). */
export interface CheckDefinition {
	readonly id: string;
	readonly title: string;
	readonly kind: string;
	readonly [field: string]: unknown;
}

/** An input after loading: it has a title, and an empty script if it has no choices. */
export type InputDefinition = Shape<typeof procedures.inlineInput> & {
	readonly title: string;
	readonly choices: string;
};

export type StepDefinition = Pick<Shape<typeof procedures.step>, 'id' | 'title' | 'summary' | 'mayFail'> &
	BuiltStep & { readonly kind: StepKind };

export type PreconditionDefinition = Pick<Shape<typeof procedures.precondition>, 'id' | 'title'> &
	Partial<Pick<Shape<typeof procedures.precondition>, 'once'>> & { readonly script: string };

type ProcedureEntry = Omit<Shape<typeof procedures.procedure>, 'preconditions' | 'interrupts' | 'approve' | 'disabled'>;

/** A procedure after loading: names of inputs and scripts are resolved, and defaults are set. */
export interface ProcedureDefinition extends ProcedureEntry {
	readonly id: string;
	readonly inputs: readonly InputDefinition[];
	readonly preconditions: readonly PreconditionDefinition[];
	readonly previews: readonly {
		readonly title: string;
		readonly script: string;
		/** The input beside whose choices it is shown, too. */
		readonly choice?: string;
	}[];
	readonly steps: readonly StepDefinition[];
	/** Services that are unavailable during the run. */
	readonly interrupts: readonly string[];
	/** POSIX sh: prints them, one a line, from the values of the inputs; in place of `interrupts`. */
	readonly interruptsScript?: string;
	readonly restorePoint: boolean;
	/** Its runs wait for the approval of another operator. */
	readonly approve?: { readonly withinMs: number };
	readonly verify: readonly string[];
}

export type Link = Shape<typeof entries.link>;

/** Returns the words after a link's title. */
export const linkLabel = ({ url, text }: Link): string => [url, text].filter((part) => part !== undefined).join(' ');

/** The silence of a runbook after loading: it has a URL. */
export type SilenceDefinition = Pick<Shape<typeof silence>, 'matchers' | 'service'> & {
	readonly url: string;
	readonly request: Pick<HttpRequest, 'through'> & Partial<HttpRequest>;
	readonly timeoutMs: number;
	readonly forMs: number;
};

/** A runbook after loading: extended, variables filled in, defaults set. */
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
	/** Suggestions from readings: the first one whose condition is met wins. */
	readonly suggestions: readonly Shape<typeof entries.suggestion>[];
	/** The alerts that a run silences while it interrupts services. Missing: none. */
	readonly silence?: SilenceDefinition;
}

export type SuggestionCondition = Shape<typeof entries.condition>;

/** Limits for what a run uses and leaves on the host. Sizes in bytes, times in ms. */
export type RunLimits = NonNullable<Shape<typeof config.runs>>;

/** The ways in which the operator is told that a run has ended, or waits. */
export type NotifyPreferences = NonNullable<Shape<typeof config.notify>>;

/** A target of the config, defaults set. */
export interface Target {
	readonly name: string;
	/** `[user@]host[:port]`, a Host of ~/.ssh/config, or `local`. */
	readonly host: string;
	/** All hosts by which the deployment can be reached, in the order in which they are asked, `host` first; undefined: it has one. */
	readonly hosts?: readonly string[];
	/** Other nodes of a swarm, where the usage of their tasks is read; undefined: none is named. */
	readonly workers?: readonly string[];
	/** Absolute path on the host. */
	readonly directory: string;
	/** What runs its services; undefined: Compose. */
	readonly engine?: 'compose' | 'swarm' | 'kubernetes';
	/**
	 * Compose project name; if the config names none, a guess: the directory's base name as Compose converts it. With Swarm the name of the
	 * stack; with Kubernetes the namespace, or `namespace/selector`.
	 */
	readonly project: string;
	/** True when the config names the project. Otherwise the containers on the host show it. */
	readonly projectGiven: boolean;
	/** How to call Compose for this deployment, if the config says; otherwise the containers show it. */
	readonly compose?: Shape<typeof config.compose>;
	/** Where the deployment is in a cluster of Kubernetes. */
	readonly kubernetes?: Shape<typeof config.kubernetes>;
	readonly runbook: Runbook;
	readonly badge?: string;
	readonly readOnly: boolean;
	/** Folder on the host for runs and the lock; by default services/runner finds it. */
	readonly state?: string;
	/** Undefined: `defaultRunLimits`. */
	readonly runs?: RunLimits;
	/** For how long a version that was rolled back is blocked, ms; 0: it is not. Undefined: `defaultBlockMs`. */
	readonly blockMs?: number;
	/** Locations of programs on the host, if the config names them. */
	readonly programs?: { readonly path?: readonly string[]; readonly engineHost?: string; readonly sudo?: boolean };
	readonly ssh: {
		readonly identityFile?: string;
		readonly knownHosts?: string;
		/** Configuration file, like `ssh -F`. */
		readonly configFile?: string;
		/** Jump hosts, like `ssh -J`. */
		readonly jump?: string;
		/** The program that connects; default `auto`. */
		readonly transport?: SshTransport;
	};
}

/** The program for SSH: the system's ssh, the library ssh2, or whichever supports the configuration. */
export type SshTransport = 'auto' | 'openssh' | 'ssh2';

export interface Config {
	readonly file: string;
	readonly targets: readonly Target[];
	/** The target used when none is named: the first, unless `default` names another. */
	readonly defaultTarget: string;
	/** Present when there are several targets and no `default`: what changes a host must name its target. */
	readonly noDefault?: true;
	readonly theme?: ThemeName;
	readonly notify?: NotifyPreferences;
	/** Shows the screen as lines of words, for a screen reader. */
	readonly screenReader?: boolean;
}
