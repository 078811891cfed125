/** An instance as it was when a restore point was made. */
export interface KeptInstance {
	readonly service: string;
	/** Its number among those of its service. */
	readonly number: string;
	readonly state: 'running' | 'stopped';
	/** Id of its image. */
	readonly image: string;
	/** The name it was made from; empty when it was an id. */
	readonly imageName: string;
	readonly name: string;
	/** Why it was not well then, in words that fit after its name; missing where nothing says so. */
	readonly trouble?: string;
}

/** What a restore point holds of the instances. */
export interface KeptNotes {
	/** The file `containers.json` of the restore point, as the engine's `note_containers` wrote it; empty: there is none. */
	readonly noted: string;
	/** When it was written, ms since the epoch, by the host's clock. */
	readonly at: number;
	/** The environment of the run that wrote it. */
	readonly environment: Readonly<Record<string, string>>;
}

/** The same, read. */
export interface KeptDeployment {
	readonly instances: readonly KeptInstance[];
	/**
	 * What the scripts of an undo read, beside the environment of now: how the deployment was called then, and `from_containers`, a line an
	 * instance that begins with SERVICE|NUMBER|running or stopped|.
	 */
	readonly environment: Readonly<Record<string, string>>;
}
