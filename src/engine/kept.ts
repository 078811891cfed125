/** An instance at the time of a restore point. */
export interface KeptInstance {
	readonly service: string;
	/** Its number among the instances of its service. */
	readonly number: string;
	readonly state: 'running' | 'stopped';
	/** Id of its image. */
	readonly image: string;
	/** The image name that it was created from; empty when it was an id. */
	readonly imageName: string;
	readonly name: string;
	/** The reason why it was not well, in words that fit after its name; missing if nothing was wrong. */
	readonly trouble?: string;
}

/** The part of a restore point that is about instances. */
export interface KeptNotes {
	/** The file `containers.json` of the restore point, as the engine's `note_containers` wrote it; empty when there is none. */
	readonly noted: string;
	/** Time of writing, ms since the epoch by the host's clock. */
	readonly at: number;
	/** The environment of the run that wrote it. */
	readonly environment: Readonly<Record<string, string>>;
}

/** The parsed form of `KeptNotes`. */
export interface KeptDeployment {
	readonly instances: readonly KeptInstance[];
	/**
	 * Variables for the scripts of an undo, added to the current environment: how Compose was called then, and `from_containers`, with a line
	 * per instance that begins with SERVICE|NUMBER|running or stopped|.
	 */
	readonly environment: Readonly<Record<string, string>>;
}
