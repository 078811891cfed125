/** A target that can be switched to. */
export interface TargetChoice {
	readonly name: string;
	/** As shown: user@host:port, or `local`. */
	readonly host: string;
	readonly badge?: string;
	readonly readOnly: boolean;
}
