import type { Attempts, AuthProgress } from './auth-progress.ts';
import { address } from './settings.ts';

/** Number of times that one method asks for a password. */
export const passwordTries = 3;

/** Offers passwords: the last one that worked, then what the operator types. */
export async function* passwordAttempts(progress: AuthProgress): Attempts {
	const { ask, host, username, settings } = progress;
	for (let attempt = 0; attempt < passwordTries && progress.allows('password'); attempt++) {
		const last = attempt === 0 ? progress.password : undefined;
		const password = last ?? (await ask?.({ kind: 'password', prompt: `Password for ${address(settings)}`, host }));
		if (password === undefined) {
			return;
		}
		progress.password = password;
		progress.offered.push('a password');
		yield { type: 'password', username, password };
	}
}
