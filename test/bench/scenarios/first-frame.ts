import { dashboardCommand, isDrawn } from '../measure/dashboard.ts';
import { median } from '../measure/figures.ts';
import { openScreen } from '../measure/screen.ts';
import { cpuSeconds, processTree } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

/** An empty program that says how much processor time it took, ms. */
const empty = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)';

/** The first picture with all panels, beside the start and end of an empty Node program. */
export const firstFrame: Scenario = {
	name: 'first-frame',
	title: 'First frame',
	quick: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const way = await (await bench.host()).way(0);
		const starts: number[] = [];
		const bytes: number[] = [];
		const frames: number[] = [];
		const used: number[] = [];
		const cpuRatios: number[] = [];
		let beforeLink = 0;
		const rounds = bench.times(20, 7);
		// The first round warms the page cache and does not count.
		for (let round = 0; round <= rounds; round++) {
			const node = openScreen([process.execPath, '-e', empty]);
			const { at } = await node.ended;
			const emptyCpu = Number(node.rows()[0]);
			await node.close();
			const screen = openScreen(dashboardCommand(way));
			const frame = await screen.until(isDrawn);
			const cpu = cpuSeconds(processTree(screen.pid)) * 1000;
			const early = !screen.rows().some((row) => row.includes('link up'));
			await screen.close();
			if (round > 0 && frame !== undefined) {
				starts.push(at);
				cpuRatios.push(cpu / emptyCpu);
				frames.push(frame);
				bytes.push(screen.firstByteAt ?? Number.NaN);
				used.push(cpu);
				beforeLink += early ? 1 : 0;
			}
		}
		const ratios = (of: readonly number[]) => of.map((ms, at) => ms / (starts[at] ?? Number.NaN));
		const beside = `node -e 0: ${median(starts).toFixed(0)} ms`;
		// What the launcher says, before anything else is loaded.
		yield { what: 'first bytes', unit: '×', values: ratios(bytes), atMost: 1.3, beside };
		yield { what: 'first frame', unit: '×', values: ratios(frames), atMost: 5, beside };
		yield { what: 'first frame', unit: 'ms', values: frames, beside };
		yield { what: 'processor time by then', unit: 'ms', values: used };
		// Relative, since a busy machine has less time for both.
		yield { what: 'processor time by then', unit: '×', values: cpuRatios, alarm: 25, beside };
		yield {
			what: 'drawn before the link is up, of all starts',
			unit: '',
			values: [beforeLink / frames.length],
			atLeast: 1,
		};
	},
};
