/** `warn`: it works, with less; `failed`: a run would not work; `unknown`: it could not be looked at. */
export type FindingState = 'ok' | 'warn' | 'failed' | 'unknown';

/** One thing that a run needs, as `backout doctor` found it. */
export interface Finding {
	/** Stable, for scripts. */
	readonly id: string;
	readonly where: 'here' | 'host';
	readonly title: string;
	readonly state: FindingState;
	/** What is there, or what is wrong, in one line; may hold text from the host, unsanitised. */
	readonly found: string;
	/** What mends it: a command or a sentence. There for all that is not ok. */
	readonly fix?: string;
}
