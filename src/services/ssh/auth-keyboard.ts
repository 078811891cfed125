import { passwordTries } from './auth-password.ts';
import type { Attempts, AuthProgress } from './auth-progress.ts';

interface Question {
	readonly prompt: string;
	readonly echo?: boolean;
}

/** Lets the server ask questions (RFC 4256): for a password, a code, or both. */
export async function* keyboardAttempts(progress: AuthProgress): Attempts {
	let declined = false;
	for (let attempt = 0; attempt < passwordTries && !declined && progress.allows('keyboard-interactive'); attempt++) {
		progress.offered.push('keyboard-interactive');
		yield {
			type: 'keyboard-interactive',
			username: progress.username,
			prompt: (title, instructions, _language, prompts, finish) => {
				const heading = [title, instructions].filter(Boolean).join('\n');
				// A server may ask in several rounds: after a declined question, the later ones get empty answers.
				const given = declined ? [] : answers(progress, heading, prompts, attempt === 0);
				Promise.resolve(given).then(
					(all) => {
						declined ||= all.length < prompts.length;
						finish(prompts.map((_, index) => all[index] ?? ''));
					},
					() => finish([]),
				);
			},
		};
	}
}

/** Returns the answers to one round of questions, up to the first one that the operator declines. */
const answers = async (
	progress: AuthProgress,
	heading: string,
	questions: readonly Question[],
	isFirst: boolean,
): Promise<readonly string[]> => {
	const { ask, host } = progress;
	const given: string[] = [];
	for (const { prompt, echo } of questions) {
		const isPassword = !echo && questions.length === 1 && /password/i.test(prompt);
		const last = isPassword && isFirst ? progress.password : undefined;
		const text = [heading, prompt].filter(Boolean).join('\n');
		const answer = last ?? (await ask?.({ kind: 'keyboard-interactive', prompt: text, host }));
		if (answer === undefined) {
			break;
		}
		if (isPassword) {
			progress.password = answer;
		}
		given.push(answer);
	}
	return given;
};
