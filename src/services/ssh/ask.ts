/** A question only the operator can answer. `prompt` may hold text of the server: unsanitised. */
export interface Question {
	readonly kind: 'passphrase' | 'password' | 'keyboard-interactive';
	readonly prompt: string;
	readonly host: string;
}

/** Puts a question to the operator; undefined when they would not say. */
export type Ask = (question: Question) => Promise<string | undefined>;
