import { expect, it } from 'vitest';
import type { InputChoice, InputOffer } from '../../src/runbook/plan.ts';
import { aboutChoice } from '../../src/screens/procedure/choice-rows.ts';

const choice: InputChoice = { value: 'a'.repeat(40), label: 'aaaaaaa', detail: 'was deployed here', marks: [] };
const offer = { name: 'commit', title: 'Commit', choices: [choice], preset: choice.value } as unknown as InputOffer;
const previews = [
	{
		title: 'Commits between',
		text: 'Taken back (1):\n  9b652bf Size positions by target volatility (12 minutes ago, Tomas Reyes)\n  and more\n  and more\n  and more',
	},
	{
		title: 'The next deployment',
		text: 'HEAD is on the branch main: the next pull, and so each deployment by a push, brings the newer commit again.',
	},
];

it('what a choice would change takes all rows there are, and says where it is cut', () => {
	// Four rows say what the choice is, one is blank.
	const rows = aboutChoice(choice, offer, previews, { width: 80, height: 8 }).map((row) =>
		row.map(({ text }) => text).join(''),
	);
	expect(rows).toHaveLength(8);
	expect(rows[5]).toMatch(/^ Commits between {2}Taken back \(1\): 9b652bf Size positions by target/);
	expect(rows[6]).toMatch(/^ {3}\S/);
	expect(rows[7]).toMatch(/^ The next deployment {2}HEAD is on the branch main: .*…$/);
	expect(rows.every((row) => row.length <= 80)).toBe(true);
});
