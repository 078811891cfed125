import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../helpers/program.ts';
import { install, installedIn, pack } from '../../install/installed.ts';
import { isDrawn } from '../measure/dashboard.ts';
import { median } from '../measure/figures.ts';
import { openScreen } from '../measure/screen.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

/** A start of the package as npm installs it, beside one of the repository, in turn. */
export const installed: Scenario = {
	name: 'installed',
	title: 'The installed package',
	quick: false,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-bench-install-')));
		try {
			await install(folder, await pack(folder));
			const way = await (await bench.host()).way(0);
			const start = async (file: string): Promise<number> => {
				const screen = openScreen([file, '--config', way.config]);
				const at = await screen.until(isDrawn);
				await screen.close();
				return at ?? Number.NaN;
			};
			const packaged = realpathSync(installedIn(folder).command);
			const [own, its]: [number[], number[]] = [[], []];
			// The first starts keep what V8 made of the files, and do not count.
			for (let round = -1; round < bench.times(20, 5); round++) {
				const [here, there] = [await start(program), await start(packaged)];
				if (round >= 0) {
					own.push(here);
					its.push(there);
				}
			}
			const beside = `from the repository ${median(own).toFixed(0)} ms`;
			yield { what: 'first frame, installed', unit: 'ms', values: its, beside };
			yield {
				what: "first frame, installed, beside the repository's",
				unit: '×',
				values: [median(its) / median(own)],
				atMost: 1.05,
			};
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	},
};
