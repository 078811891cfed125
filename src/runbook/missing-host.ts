/** A host of a target, one of several, whose records are missing from a list. */
export interface MissingHost {
	/** Its name in the config. */
	readonly host: string;
	readonly reason: string;
}
