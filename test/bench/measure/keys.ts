import { setTimeout as delay } from 'node:timers/promises';
import { chosen } from './dashboard.ts';
import { openScreen, type Screen } from './screen.ts';

/** A key that was not answered by then counts as so long. */
const givenUpMs = 2000;

/** Moves in the menu, down and up in turn, and gives the ms until each is seen. The pauses are uneven, so that no clock is met every time. */
export const pressKeys = async (screen: Screen, count: number): Promise<readonly number[]> => {
	const took: number[] = [];
	for (let press = 0; press < count; press++) {
		took.push((await screen.press(press % 2 === 0 ? 'j' : 'k', chosen, givenUpMs)) ?? givenUpMs);
		await delay(20 + Math.random() * 60);
	}
	return took;
};

/** Measures a terminal that only echoes: the share of the pty, the machine and this program themselves. */
export const echoKeys = async (count: number): Promise<readonly number[]> => {
	const screen = openScreen(['sh', '-c', 'stty raw -echo; printf ready; exec cat']);
	await screen.until((rows) => rows.some((row) => row.includes('ready')));
	const took: number[] = [];
	for (let press = 0; press < count; press++) {
		took.push((await screen.press('x', (rows) => rows.join(''), givenUpMs)) ?? givenUpMs);
		await delay(20 + Math.random() * 60);
	}
	await screen.close();
	return took;
};
