import type { Prompter } from '../../services/ssh/auth-prompt.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import type { PendingPrompt } from '../../stores/workspace.ts';

/**
 * Puts the questions of a connection before the operator by way of a store. There is one connection, so there is one
 * question at a time: one that comes while another is open takes its place. A question goes away when the connection
 * that asked it does.
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
