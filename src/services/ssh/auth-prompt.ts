/** A question only the operator can answer. `prompt` may hold text of the server, lines of it: unsanitised. */
export interface AuthPrompt {
	readonly kind: 'passphrase' | 'password' | 'keyboard-interactive';
	readonly prompt: string;
	readonly host: string;
}

/**
 * Puts a question to the operator; undefined when they would not say. The signal says that the connection that asks is
 * no more: a server waits for an answer only so long (two minutes, by sshd's LoginGraceTime).
 */
export type Prompter = (question: AuthPrompt, signal?: AbortSignal) => Promise<string | undefined>;
