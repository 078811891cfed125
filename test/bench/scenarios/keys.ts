import { setTimeout as delay } from 'node:timers/promises';
import { floodLine } from '../host/flood.ts';
import { isLive, openDashboard } from '../measure/dashboard.ts';
import { median } from '../measure/figures.ts';
import { echoKeys, pressKeys } from '../measure/keys.ts';
import type { Screen } from '../measure/screen.ts';
import { cpuPercents } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const rates = [10_000, 100_000] as const;
const said = (rate: number) => `${rate.toLocaleString('en-US')} lines/s`;

/** Measures the age of the newest line on the screen at each frame, ms. */
const watchAge = (screen: Screen): { readonly ages: number[]; stop(): void } => {
	const ages: number[] = [];
	const epoch = performance.timeOrigin + performance.now() - screen.now();
	const stop = screen.watch((at) => {
		const row = screen.rows().findLast((text) => floodLine.test(text));
		const [, , written] = floodLine.exec(row ?? '') ?? [];
		if (written !== undefined) {
			ages.push(epoch + at - Number(written));
		}
	});
	return { ages, stop };
};

/** Keys while nothing happens and while a log floods in over SSH; how far behind the log is, and what it costs. */
export const keys: Scenario = {
	name: 'keys',
	title: 'Keys, idle and under a flood of log lines',
	quick: true,
	grows: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		const count = bench.times(200, 40);
		const echo = await echoKeys(count);
		const screen = openDashboard(await host.way(0));
		await screen.until(isLive);
		await delay(2000);
		const idle = await pressKeys(screen, count);
		const beside = `an echo in the same terminal: ${median(echo).toFixed(1)} ms`;
		yield { what: 'key, idle', unit: 'ms', values: idle, judged: 'p99', atMost: 16, beside };
		for (const rate of rates) {
			const before = await pressKeys(screen, Math.ceil(count / 4));
			const { written } = await host.tell({ do: 'flood', rate });
			await delay(1500);
			const seconds = bench.times(30, 4);
			const { ages, stop } = watchAge(screen);
			const cpu = await cpuPercents(screen.pid, seconds, bench.times(6, 2));
			stop();
			const took = await pressKeys(screen, count);
			const end = await host.tell({ do: 'flood', rate: 0 });
			// The last written line is on the screen.
			const last = `#${end.written - 1} `;
			const caughtUp = await screen.until((rows) => rows.some((row) => row.includes(last)), 30_000);
			const after = await pressKeys(screen, Math.ceil(count / 4));
			const still = median([...before, ...after]);
			const what = said(rate);
			yield { what: `key, ${what}`, unit: 'ms', values: took, judged: 'p99', atMost: 16, beside };
			yield {
				what: `key, ${what}, beside idle`,
				unit: '×',
				values: [median(took) / still],
				atMost: 1.5,
				beside: `idle before and after: ${still.toFixed(1)} ms`,
			};
			yield {
				what: `processor, ${what}`,
				unit: '% of a core',
				values: cpu,
				...(rate === 10_000 && { atMost: 15, alarm: 90 }),
			};
			yield { what: `age of the newest line, ${what}`, unit: 'ms', values: ages, judged: 'p90', atMost: 100 };
			yield {
				what: `lines behind once it ends, of ${(end.written - written).toLocaleString('en-US')}`,
				unit: 'lines',
				values: [caughtUp === undefined ? Number.POSITIVE_INFINITY : 0],
				atMost: 0,
				...(rate === 10_000 && { alarm: 0 }),
			};
		}
		await screen.close();
	},
};
