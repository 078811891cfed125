/** A question that only the operator can answer. `prompt` may contain text from the server: several lines, unsanitised. */
export interface AuthPrompt {
	readonly kind: 'passphrase' | 'password' | 'keyboard-interactive';
	readonly prompt: string;
	readonly host: string;
}

/**
 * Asks the operator; undefined when the operator declines. The signal is aborted when the connection that asks is gone: a server waits
 * only for a time (two minutes, by sshd's LoginGraceTime).
 */
export type Prompter = (question: AuthPrompt, signal?: AbortSignal) => Promise<string | undefined>;
