/** `warn`: it works, with limits; `failed`: a run would not work; `unknown`: it could not be checked. */
export type FindingState = 'ok' | 'warn' | 'failed' | 'unknown';

/** One requirement of a run, as `backout doctor` found it. */
export interface Finding {
	/** An id that does not change, for scripts. */
	readonly id: string;
	readonly where: 'here' | 'host';
	/** The host, where the target has several; missing for this machine. */
	readonly host?: string;
	readonly title: string;
	readonly state: FindingState;
	/** The facts, or the problem, in one line; may contain text from the host, unsanitised. */
	readonly found: string;
	/** The remedy: a command or a sentence. Present for everything that is not ok. */
	readonly fix?: string;
}
