import type { AnyAuthMethod, AuthenticationType } from 'ssh2';
import { BackoutError } from '../../runbook/errors.ts';
import { keyboardAttempts } from './auth-keyboard.ts';
import { keyAttempts } from './auth-keys.ts';
import { passwordAttempts } from './auth-password.ts';
import { type Attempts, AuthProgress, type Credentials } from './auth-progress.ts';
import type { Prompter } from './auth-prompt.ts';
import { nextAfterRefusal } from './next-move.ts';
import { address, type SshSettings } from './settings.ts';
import type { Ssh2 } from './ssh2.ts';

/** One authentication with one server. */
export interface Authentication {
	/** Returns the next method to try, given what the server still allows (null before it said so); false when there are no more. */
	next(allowed: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false>;
	/** True while the operator is being asked: no timeout runs then. */
	readonly asking: boolean;
	/** Adds a fact for the error message. */
	note(fact: string): void;
	/** Returns the error that says why the server rejected the login. */
	error(detail?: string): BackoutError;
}

/**
 * Prepares the authentication with a server: nothing is read or asked before the first `next`. The order: configured keys (from the agent
 * if it has them), the agent's keys, ssh's default keys, locked default keys, then keyboard-interactive and password. The operator is asked
 * for a passphrase or a password only when its turn comes, and not once `signal` says that the server is gone.
 */
export const createAuthentication = (
	ssh2: Ssh2,
	settings: SshSettings,
	credentials: Credentials,
	ask: Prompter | undefined,
	signal: AbortSignal,
): Authentication => {
	const progress = new AuthProgress(settings, credentials, ask, signal);
	const sequence = attempts(ssh2, progress);
	return {
		get asking() {
			return progress.asking;
		},
		next: async (left) => {
			progress.allowed = left ?? progress.allowed;
			const { value, done } = await sequence.next();
			return done || !value ? false : value;
		},
		note: (fact) => {
			progress.notes.push(fact);
		},
		error: (detail) => {
			progress.password = undefined;
			return refusal(progress, detail);
		},
	};
};

async function* attempts(ssh2: Ssh2, progress: AuthProgress): Attempts {
	for await (const attempt of keyAttempts(ssh2, progress)) {
		if (!progress.allows('publickey')) {
			break;
		}
		yield attempt;
	}
	if (!progress.askedServer) {
		yield progress.askServer();
	}
	if (progress.ask) {
		yield* keyboardAttempts(progress);
		yield* passwordAttempts(progress);
	}
}

const refusal = (progress: AuthProgress, detail: string | undefined): BackoutError => {
	const { settings, allowed, offered, notes, lockedWithoutAsk, host } = progress;
	const accepts = allowed === null ? '' : ` It accepts: ${allowed.join(', ')}.`;
	const tried = offered.length === 0 ? 'no key or password could be offered' : `offered: ${offered.join('; ')}`;
	const also = [...notes, ...settings.notes]
		.map((fact) => ` ${fact.charAt(0).toUpperCase()}${fact.slice(1)}.`)
		.join('');
	const locked =
		lockedWithoutAsk === undefined
			? ''
			: ` The key ${lockedWithoutAsk} needs a passphrase, and there is no terminal to ask for it.`;
	const message = `${address(settings)} rejected the login${detail ? ` (${detail})` : ''}; ${tried}.${accepts}${locked}${also}`;
	return new BackoutError('untrusted', message, {
		host,
		next: nextAfterRefusal({ locked: lockedWithoutAsk, user: progress.username, detail }),
	});
};
