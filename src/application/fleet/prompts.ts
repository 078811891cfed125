import type { Prompter } from '../../services/ssh/auth-prompt.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import type { PendingPrompt } from '../../stores/workspace.ts';

/**
 * Puts a connection's questions to the operator through a store. There is one connection, so there is one question at a time: a new one
 * replaces one that is open. A question disappears with the connection that asked it.
 */
export const createPrompts = (): { readonly ask: Prompter; readonly question: Readable<PendingPrompt | undefined> } => {
	const question = createStore<PendingPrompt | undefined>(undefined);
	const ask: Prompter = ({ kind, prompt, host }, signal) =>
		new Promise((resolve) => {
			const answer = (text: string | undefined) => {
				signal?.removeEventListener('abort', withdraw);
				question.update((now) => (now === open ? undefined : now));
				resolve(text);
			};
			const withdraw = () => answer(undefined);
			const open: PendingPrompt = { kind, prompt, host, answer };
			question.get()?.answer(undefined);
			question.set(open);
			signal?.addEventListener('abort', withdraw, { once: true });
			if (signal?.aborted) {
				withdraw();
			}
		});
	return { ask, question };
};
