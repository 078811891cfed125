import type { ContainerFacts } from './container-facts.ts';
import type { ComposeModel } from './model.ts';

export interface ImageFacts {
	readonly id: string;
	readonly tags: readonly string[];
	/** `NAME=VALUE`. */
	readonly environment: readonly string[];
	/** Paths at which a container gets an anonymous volume where nothing else is mounted (VOLUME). */
	readonly volumes?: readonly string[];
}

export interface Compared {
	readonly containers: readonly ContainerFacts[];
	readonly images: readonly ImageFacts[];
	/** The instructions that running images were built by, by image id: read only if a variable is unset. */
	readonly histories?: ReadonlyMap<string, readonly string[]>;
	/** Compose's model of the files as they are; undefined if it cannot be read. */
	readonly now: ComposeModel | undefined;
	/** Services whose containers are as Compose would create them from the files as they are. */
	readonly fits: ReadonlySet<string>;
	/** Compose's model of the files as they will be; the same object if they do not change. */
	readonly after: ComposeModel;
	/** Variables that the new files use and nothing sets: Compose uses an empty value. */
	readonly unset: readonly string[];
	/** The new model as it would be if those variables had a value: it differs where they are used. Undefined if none is unset. */
	readonly marked?: ComposeModel;
	/**
	 * The variables that the new files take from the login that calls Compose, as no env file sets them, and the new model as it would be if they
	 * had other values: those of `marks`, by variable. Undefined if there are none; no model if it cannot be read.
	 */
	readonly given?: { readonly model: ComposeModel | undefined; readonly marks: ReadonlyMap<string, string> };
	/** Absolute paths of the files that differ: those of a commit, or the one that is restored. */
	readonly changedFiles: readonly string[];
	/** Mounted paths that lead through symbolic links, and what they lead to: all as they will be. */
	readonly links: ReadonlyMap<string, string>;
	/** Mounted paths of the containers that lead through symbolic links now, and what they lead to. */
	readonly real?: ReadonlyMap<string, string>;
	/** Paths of the host that the new files mount and that will not be there: Docker makes an empty folder in their place. */
	readonly absent: ReadonlySet<string>;
	/** Mounts whose file or folder was replaced on the host since the container started: `ID TAB PATH`, the path in the container. */
	readonly replaced: ReadonlySet<string>;
	/** The same for those in whose place there is an empty folder now. */
	readonly emptied: ReadonlySet<string>;
	/** The env files that Compose reads for the variables of its files. */
	readonly envFiles: readonly string[];
	/** True when Compose makes a network anew that the new files define otherwise, and with it every container that uses it. */
	readonly remakesNetworks?: boolean;
	/** True when all images are built again, from another commit. */
	readonly rebuilds: boolean;
	/** An image name that the plan moves, and the id of the image that it will name. */
	readonly retagged?: { readonly name: string; readonly id: string };
	/** Services whose containers are recreated in any case. */
	readonly always: readonly string[];
	/** The main service of the deployment. It is started whatever its state is now. */
	readonly main: string;
}

/** An unasked change that loses something. It is refused, unless its name is allowed. */
export interface Loss {
	/** `SERVICE:ASPECT:NAME`, the form in which it is allowed. */
	readonly name: string;
	readonly reason: string;
}
