import { maskSecrets } from './secrets.ts';

/**
 * What kind of failure it is. The command line turns it into an exit code (docs/exit codes in README):
 * `usage` and `config` 2, `unreachable` and `untrusted` 3, `refused` 4, `unverified` 5, `outcome-unknown` 6,
 * `cancelled` 130, `failed` 1.
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
	/** The host it happened on, as shown to the operator. */
	host?: string;
	/** What to do next, as a sentence. */
	next?: string;
	/** What the failing thing printed, where that helps; unsanitised. What looks like a secret in it is masked. */
	output?: string;
	/** The run it is about, where the outcome of that run has to be looked at. */
	run?: string;
	cause?: unknown;
}

/** An error made to be read by an operator: what failed and why (`message`), on which host, and the next move. */
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

/** The message of whatever was thrown, which need not be an Error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
