/** The way in which the owner tells Compose the project's name. */
export type Naming = 'folder' | 'file' | 'dotenv' | 'flag';
/** The Compose files besides compose.yaml, and the place that names them. */
export type Files = 'one' | 'override' | 'two' | 'dotenv';
/** The source of the value of `${VALUE}`. */
export type EnvFrom = 'none' | 'dotenv-ignored' | 'dotenv-tracked' | 'flag-ignored' | 'flag-tracked';

export interface ServiceSpec {
	readonly name: string;
	/**
	 * `build` has the name that Compose gives it, `named` one of its own, `shared` the one that other shared ones have;
	 * `published` and `moving` are images that were built elsewhere, under a name for each version or one for all.
	 */
	readonly source: 'build' | 'named' | 'shared' | 'published' | 'moving';
	/** The number in the name of a published image. */
	readonly tag: number;
	readonly mode: string;
	/** True when its environment has `${VALUE}`, and a file of variables. */
	readonly usesValue: boolean;
	readonly usesEnvFile: boolean;
	readonly policy: 'always' | 'unless-stopped' | 'no' | 'on-failure';
	readonly replicas: number;
	readonly profile: boolean;
	/** The service whose network it uses. */
	readonly network?: string;
	readonly volume: boolean;
	/** Has ./conf mounted. */
	readonly mount: boolean;
	/** Ends with 0, and `after` names such a one that must have ended before. */
	readonly job: boolean;
	readonly after?: string;
}

export interface CommitSpec {
	readonly services: readonly ServiceSpec[];
	/** True when git keeps conf/app.conf; otherwise this host has one of its own. */
	readonly confTracked: boolean;
	/** True when the services built here end at once with 1. */
	readonly crashes: boolean;
}

export type Fault =
	| 'edit-elsewhere'
	| 'edit-in-the-way'
	| 'stopped'
	| 'removed'
	| 'config-broken'
	| 'newer-commit'
	| 'image-pruned'
	| 'untracked-file';

export type Procedure =
	| 'rollback-commit'
	| 'failed-deployment'
	| 'rollback-image'
	| 'config-error'
	| 'stop-start'
	| 'stop-undo';

/** A random deployment, its history, what goes wrong, and what is done about it. All of it follows from the seed. */
export interface Spec {
	readonly seed: number;
	readonly naming: Naming;
	readonly within: boolean;
	readonly files: Files;
	/** Git ignores the second Compose file. */
	readonly secondIgnored: boolean;
	readonly envFrom: EnvFrom;
	readonly envFileIgnored: boolean;
	/** The owner gives `--profile extra`. */
	readonly profile: boolean;
	/** The image takes a file in that git ignores. */
	readonly secret: boolean;
	readonly submodule: boolean;
	readonly removeOrphans: boolean;
	readonly main: string;
	/** The first is what is gone back to, the last is what is deployed. */
	readonly commits: readonly CommitSpec[];
	/** The first one was deployed, too: its images are here. */
	readonly firstDeployed: boolean;
	readonly faults: readonly Fault[];
	readonly procedure: Procedure;
}
