import { maskSecrets } from './secrets.ts';

/**
 * The kind of failure, which determines the exit code (docs/exit codes in README): `usage` and `config` 2, `unreachable` and
 * `untrusted` 3, `refused` 4, `unverified` 5, `outcome-unknown` 6, `cancelled` 130, `failed` 1.
 */
export type ErrorCode =
	| 'usage'
	| 'config'
	| 'unreachable'
	| 'untrusted'
	| 'refused'
	| 'failed'
	| 'unverified'
	| 'outcome-unknown'
	| 'cancelled';

export interface ErrorFacts {
	/** The host on which it happened, as shown to the operator. */
	host?: string;
	/** The next step, as a sentence. */
	next?: string;
	/** The output of what failed, if it helps; unsanitised. Secrets in it are masked by their form. */
	output?: string;
	/** The run whose outcome has to be checked. */
	run?: string;
	cause?: unknown;
}

/** An error for an operator to read: what failed and why (`message`), on which host, and what to do next. */
export class BackoutError extends Error {
	readonly code: ErrorCode;
	readonly host: string | undefined;
	readonly next: string | undefined;
	readonly output: string | undefined;
	readonly run: string | undefined;

	constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
		super(message, { cause: facts.cause });
		this.name = 'BackoutError';
		this.code = code;
		this.host = facts.host;
		this.next = facts.next;
		this.output = facts.output === undefined ? undefined : maskSecrets(facts.output);
		this.run = facts.run;
	}
}

/** Returns the message of a thrown value, which need not be an Error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
