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

/** All targets of a config, with one connection each: it is made when the target is first opened, and then kept. */
export interface Fleet {
	/** In the order of the config. */
	readonly targets: readonly TargetChoice[];
	/** The workspace of a target. Throws a BackoutError for a name that the config has not. */
	open(name: string): Workspace;
	/** All of them, each watched leanly unless it is attended to. Connections are made at a bounded rate. */
	openAll(): readonly Workspace[];
	/** Watches these closely, and the others that are open leanly. They are connected to first. */
	attend(names: readonly string[]): void;
	/** What the operator is asked now, by whichever target. */
	readonly question: Readable<PendingPrompt | undefined>;
	close(): Promise<void>;
}
