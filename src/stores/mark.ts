/** An event that may explain a change of a value. */
export interface Mark {
	readonly at: number;
	readonly kind: 'restart' | 'deployment' | 'run';
	readonly label: string;
	/** The service of the event; undefined for all of them. */
	readonly service?: string;
}
