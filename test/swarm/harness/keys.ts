import { pressUntil } from '../../helpers/press-until.ts';
import type { Pty } from '../../helpers/pty.ts';

/**
 * Starts a procedure from the dashboard as an operator does: filters the menu, opens the plan with what is preset or selected first, and
 * confirms it. Resolves when its first step is shown.
 *
 * @param title its whole title, which fits no other
 */
export const startByKeys = async (screen: Pty, title: string): Promise<void> => {
	// The menu shortens what is longer than its column.
	await screen.waitFor(title.slice(0, 24));
	screen.press('/');
	screen.send(title);
	await screen.waitFor((rows) => !rows.join().includes('Checklist before a deployment'));
	// Ends the filter, opens what it left, and takes what is selected.
	await pressUntil(screen, 'enter', 'Nothing has changed yet', 120_000, 1000);
	// A second Enter on a slow screen would answer the confirmation with No, its default: then it is opened again.
	const answer = setInterval(() => {
		const rows = screen.screen().join('\n');
		if (rows.includes('Start it now?')) {
			screen.press('y');
		} else if (rows.includes('Nothing has changed yet')) {
			screen.press('enter');
		}
	}, 1500);
	await screen.waitFor(/step \d+ of \d+|Steps done|verified/, 240_000).finally(() => clearInterval(answer));
};
