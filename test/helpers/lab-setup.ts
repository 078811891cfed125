import { join } from 'node:path';
import { must } from '../lab/exec.ts';
import { labAvailable } from '../lab/index.ts';
import { lanes, shareCache } from '../lab/lanes.ts';
import { layout } from '../lab/layout.ts';
import { runningPid } from '../lab/processes.ts';

const cli = join(import.meta.dirname, '..', 'lab', 'cli.ts');

const lab = (lane: string, command: string) =>
	must(process.execPath, [cli, command], {
		env: { BACKOUT_LAB_DIR: lane },
		timeout: 600_000,
		onOutput: (text) => process.stdout.write(text),
	});

/**
 * Brings up the labs that the tests share. One that was up already stays up; one that was not is taken down again.
 * Where there can be no lab, the tests say so themselves and are skipped, unless BACKOUT_LAB=required.
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
	const down = lanes().filter((lane) => runningPid(layout(lane).dockerPid, 'dockerd') === null);
	await Promise.all(
		lanes().map(async (lane) => {
			shareCache(lane);
			await lab(lane, 'up');
		}),
	);
	return async () => {
		await Promise.all(down.map((lane) => lab(lane, 'down')));
	};
};

export default setup;
