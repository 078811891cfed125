import { setTimeout as delay } from 'node:timers/promises';
import { program } from '../../helpers/program.ts';
import { runCommand } from '../measure/command.ts';
import { openScreen } from '../measure/screen.ts';
import { cpuPercents, mostResidentMb } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const lateMs = 120_000;

/** Measures a number of simultaneous plain logins, ms: the servers and this machine need that time in any case. */
const allAtOnce = async (ssh: readonly string[], count: number): Promise<number> => {
	const began = performance.now();
	const logins = await Promise.all(Array.from({ length: count }, () => runCommand(['ssh', ...ssh, 'true'])));
	if (logins.some(({ code }) => code !== 0)) {
		throw new Error(`ssh HOST true fails: ${logins.map(({ code }) => code).join(' ')}`);
	}
	return performance.now() - began;
};

/** All targets of a config on one page: how long until each has been looked at, and what it costs to go on. */
export const targets: Scenario = {
	name: 'targets',
	title: 'Many targets on one page',
	quick: false,
	grows: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host({ containers: 5 });
		for (const count of bench.quick ? [10] : [10, 50]) {
			const largest = count === 50;
			const many = await host.many(count);
			const at = await allAtOnce((await host.way(0)).ssh, count);
			const screen = openScreen([program, '--config', many.config, 'targets'], { rows: 60 });
			const all = new RegExp(`\\b${count} well`);
			const live = await screen.until((rows) => rows.some((row) => all.test(row)), lateMs);
			await delay(bench.times(10_000, 3000));
			const used = await cpuPercents(screen.pid, bench.times(60, 10), 6);
			const what = `${count} targets`;
			yield {
				what: `${what}, until all are live`,
				unit: 's',
				values: [(live ?? Number.NaN) / 1000],
				...(largest && { atMost: 5 }),
				beside: `${count} × ssh HOST true, all at once: ${(at / 1000).toFixed(2)} s`,
			};
			yield { what: `processor, ${what}`, unit: '% of a core', values: used, ...(largest && { atMost: 10 }) };
			yield {
				what: `the most memory, ${what}`,
				unit: 'MB',
				values: [mostResidentMb(screen.pid)],
				...(largest && { atMost: 250 }),
			};
			await screen.close();
			await many.stop();
		}
	},
};
