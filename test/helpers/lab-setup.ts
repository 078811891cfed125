import { labAvailable } from '../lab/index.ts';
import { lanes } from '../lab/lanes.ts';
import { isUp, lab } from './lab-command.ts';

/**
 * Takes the labs down again that the tests bring up (lab-lane.ts); one that was up before stays up. Where there can be no lab, the
 * tests say so themselves and are skipped, unless BACKOUT_LAB=required.
 */
export const setup = async (): Promise<() => Promise<void>> => {
	const { ok, reason } = await labAvailable();
	if (!ok) {
		if (process.env.BACKOUT_LAB === 'required') {
			throw new Error(`the lab is required, but it is not available: ${reason}`);
		}
		process.stdout.write(`The tests that need the lab are skipped: ${reason}\n`);
		return async () => {};
	}
	const down = lanes().filter((lane) => !isUp(lane));
	return async () => {
		await Promise.all(down.filter(isUp).map((lane) => lab(lane, 'down')));
	};
};

export default setup;
