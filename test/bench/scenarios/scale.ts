import { setTimeout as delay } from 'node:timers/promises';
import { isLive, openDashboard } from '../measure/dashboard.ts';
import { median } from '../measure/figures.ts';
import { pressKeys } from '../measure/keys.ts';
import { cpuPercents, residentMb } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

/** A host with ten times as much on it, and how the cost grows on the way there. */
export const scale: Scenario = {
	name: 'scale',
	title: '200 containers and 5,000 series',
	quick: false,
	grows: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		for (const { containers, series } of [
			{ containers: 5, series: 0 },
			{ containers: 50, series: 0 },
			{ containers: 200, series: 0 },
			{ containers: 20, series: 1000 },
			{ containers: 20, series: 5000 },
			{ containers: 200, series: 5000 },
		]) {
			const largest = containers === 200 && series === 5000;
			const host = await bench.host({ containers, series, changing: true });
			const screen = openDashboard(await host.way(0));
			await screen.until(isLive);
			await delay(bench.times(10_000, 5000));
			const before = { bytes: screen.bytes, at: performance.now() };
			const used = await cpuPercents(screen.pid, bench.times(30, 8), 5);
			const bytes = (screen.bytes - before.bytes) / ((performance.now() - before.at) / 1000);
			const took = await pressKeys(screen, bench.times(200, 40));
			const what = `${containers} containers, ${series.toLocaleString('en-US')} series`;
			yield { what: `processor, ${what}`, unit: '% of a core', values: used, ...(largest && { atMost: 4 }) };
			yield { what: `to the terminal, ${what}`, unit: 'bytes/s', values: [bytes], ...(largest && { atMost: 3000 }) };
			yield {
				what: `key, ${what}`,
				unit: 'ms',
				values: took,
				judged: 'p99',
				...(largest && { atMost: 16 }),
				beside: `median ${median(took).toFixed(1)} ms`,
			};
			yield { what: `memory, ${what}`, unit: 'MB', values: [residentMb(screen.pid)] };
			await screen.close();
		}
	},
};
