import type { Readable } from './store.ts';
import type { PendingPrompt, Workspace } from './workspace.ts';

/** A target that can be shown. */
export interface TargetChoice {
	readonly name: string;
	/** Label on the screen: user@host:port, or `local`. */
	readonly host: string;
	readonly badge?: string;
	readonly readOnly: boolean;
}

/** All targets of a config, with one connection each, which is made when the target is first opened, and then kept. */
export interface Fleet {
	/** The targets in the order of the config. */
	readonly targets: readonly TargetChoice[];
	/** Opens the workspace of a target. Throws a BackoutError for a name that is not in the config. */
	open(name: string): Workspace;
	/** Opens all of them, each polled at the lower rate unless it is attended to. Connections are made at a limited rate. */
	openAll(): readonly Workspace[];
	/** Polls these at the full rate, and other open ones at the lower rate. These are connected first. */
	attend(names: readonly string[]): void;
	/** The current question to the operator, from any target. */
	readonly question: Readable<PendingPrompt | undefined>;
	close(): Promise<void>;
}
