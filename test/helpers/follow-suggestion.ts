import { expect } from 'vitest';
import type { Pty } from './pty.ts';

/** How an operator follows a suggestion, from the dashboard to the verdict. */
export interface Way {
	/** The title of what is suggested first, and so is selected. */
	readonly suggested: string;
	/** The reason that stands below it. */
	readonly why: RegExp;
	/**
	 * What is pressed, as the row of keys offers it: a key and what it does. In “quotes” is a text that the confirmation of a
	 * destructive procedure asks for.
	 */
	readonly keys: readonly string[];
	readonly verdict: string;
	/** What the plan says, before it is confirmed. */
	readonly plan?: RegExp;
}

/** What is pressed for a disruptive procedure with one input. */
export const withOneInput: readonly string[] = ['Enter open plan', 'Enter choose', 'Enter confirm', 'y start'];
/** What is pressed for a disruptive procedure without inputs. */
export const withoutInput: readonly string[] = ['Enter open plan', 'Enter confirm', 'y start'];
/** What is pressed for a destructive procedure with two inputs. */
export const withTwoInputs = (target: string, reason: string): readonly string[] => [
	...['Enter open plan', 'Enter choose', 'Enter choose', 'Enter confirm'],
	...[`“${target}”`, 'Enter next', `“${reason}”`, 'Enter start'],
];

const mostKeys = 6;

const isOffered = (screen: readonly string[], offer: string): boolean =>
	screen.some((row) => row === ` ${offer}` || row.startsWith(` ${offer}  `));

/** The title of the screen: two inputs are asked for by the same keys. */
const titleOf = (screen: readonly string[]): string => screen.find((row) => row.startsWith('━')) ?? '';

/** What stands below the title of the suggestion, the rows of its column put together again. */
const reasonOn = (screen: readonly string[]): string => {
	const at = screen.findIndex((row) => row.includes('│ Suggested'));
	const column = (screen[at]?.indexOf('│ Suggested') ?? 0) + 1;
	const below = screen.slice(at + 2).map((row) => row.slice(column));
	return below
		.slice(
			0,
			below.findIndex((row) => !row.startsWith('     ')),
		)
		.map((row) => row.trim())
		.join(' ');
};

const isSuggested = (screen: readonly string[], title: string): boolean =>
	screen.some((row, at) => row.includes('› ') && row.includes(title) && /Suggested/.test(screen[at - 1] ?? ''));

/** Presses a key once, as soon as it is offered, and waits until it has done something. */
const pressOnce = async (pty: Pty, offer: string, timeoutMs: number): Promise<void> => {
	await pty.waitFor((screen) => isOffered(screen, offer), timeoutMs);
	const title = titleOf(pty.screen());
	pty.press((offer.split(' ')[0] ?? '').toLowerCase());
	await pty.waitFor((screen) => !isOffered(screen, offer) || titleOf(screen) !== title, timeoutMs);
};

/**
 * Goes from the alarm to the verdict as an operator who knows only what the screen says: takes what is suggested first, presses
 * each key once, when the row of keys offers it, and no more than six. Rejects with the screen where one of them does nothing.
 *
 * @param timeoutMs for each of these
 */
export const followSuggestion = async (pty: Pty, way: Way, timeoutMs = 120_000): Promise<void> => {
	const { suggested, why, keys, verdict, plan } = way;
	expect(keys.filter((key) => !key.startsWith('“')).length).toBeLessThanOrEqual(mostKeys);
	// The facts about a fault arrive one by one, and the first suggestion may be for what is known until then.
	await pty.waitFor((screen) => isSuggested(screen, suggested) && why.test(reasonOn(screen)), timeoutMs);
	for (const [at, key] of keys.entries()) {
		const typed = /^“(.*)”$/.exec(key)?.[1];
		if (key === 'Enter confirm' && plan !== undefined) {
			await pty.waitFor(plan, timeoutMs);
		}
		if (typed === undefined) {
			await pressOnce(pty, key, timeoutMs);
		} else {
			// A field takes letters as soon as the key that ends it is offered.
			await pty.waitFor((screen) => isOffered(screen, keys[at + 1] ?? ''), timeoutMs);
			pty.send(typed);
			await pty.waitFor(typed, timeoutMs);
		}
	}
	await pty.waitFor(verdict, timeoutMs);
};
