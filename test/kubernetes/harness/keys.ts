import { pressUntil } from '../../helpers/press-until.ts';
import type { Pty } from '../../helpers/pty.ts';

/** True for a screen that has these words, which may go on in the next row. */
export const reads =
	(words: RegExp) =>
	(rows: readonly string[]): boolean =>
		words.test(rows.map((row) => row.trim()).join(' '));

/** Opens the evidence of the checks as an operator does who reads that something is wrong, reads this there, and goes back to the menu. */
export const evidence = async (screen: Pty, said: RegExp, timeoutMs = 180_000): Promise<void> => {
	await screen.waitFor(/\d of 2 checks failed/, timeoutMs);
	await pressUntil(screen, '2', ' Enter evidence');
	await pressUntil(screen, 'enter', 'Checks now ━');
	await screen.waitFor(said, timeoutMs);
	await pressUntil(screen, 'esc', 'Suggested');
	await pressUntil(screen, '7', ' Enter open plan', timeoutMs);
};
