import type { ContainerFacts } from './container-facts.ts';
import type { ComposeModel } from './model.ts';

export interface ImageFacts {
	readonly id: string;
	readonly tags: readonly string[];
	/** `NAME=VALUE`. */
	readonly environment: readonly string[];
}

export interface Compared {
	readonly containers: readonly ContainerFacts[];
	readonly images: readonly ImageFacts[];
	/** Compose's model of the files as they are; undefined where it cannot be read. */
	readonly now: ComposeModel | undefined;
	/** Services whose containers are as Compose would make them of the files as they are. */
	readonly fits: ReadonlySet<string>;
	/** The model of the files as they will be; the same object where they do not change. */
	readonly after: ComposeModel;
	/** Variables that the files as they will be use and nothing sets: Compose takes an empty text. */
	readonly unset: readonly string[];
	/** The files that differ, absolute paths: of a commit, or the one that is put back. */
	readonly changedFiles: readonly string[];
	/** Everything is built from another commit. */
	readonly rebuilds: boolean;
	/** The id of an image that a name stands for afterwards, where a plan gives the name to it. */
	readonly retagged?: { readonly name: string; readonly id: string };
	/** Services that are made anew whatever differs. */
	readonly always: readonly string[];
	/** The service that the deployment is about. It is started, however it stands now. */
	readonly main: string;
}
