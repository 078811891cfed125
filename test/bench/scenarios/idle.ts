import { setTimeout as delay } from 'node:timers/promises';
import { isLive, openDashboard } from '../measure/dashboard.ts';
import { cpuPercents } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

/** The cost of watching: here, in bytes to the terminal, and on the host. */
export const idle: Scenario = {
	name: 'idle',
	title: 'Watching 20 containers',
	quick: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		const seconds = bench.times(60, 8);
		for (const { what, changing, cpu, bytes } of [
			{ what: 'nothing changes', changing: false, cpu: 1.5, bytes: 200 },
			{ what: 'readings change every second', changing: true, cpu: 4, bytes: 3000 },
		]) {
			await host.tell({ do: 'change', changing });
			const screen = openDashboard(await host.way(0));
			await screen.until(isLive);
			// Compilation, single requests and first-time work belong to the start.
			await delay(bench.times(20_000, 5000));
			const before = { bytes: screen.bytes, at: performance.now() };
			const [used, sshd] = await Promise.all([
				cpuPercents(screen.pid, seconds, bench.times(6, 2)),
				cpuPercents(host.sshd, seconds, bench.times(6, 2)),
			]);
			const perSecond = (screen.bytes - before.bytes) / ((performance.now() - before.at) / 1000);
			yield { what: `processor, ${what}`, unit: '% of a core', values: used, atMost: cpu, alarm: cpu * 8 };
			yield {
				what: `to the terminal, ${what}`,
				unit: 'bytes/s',
				values: [perSecond],
				atMost: bytes,
				alarm: bytes * 10,
			};
			yield {
				what: `on the host, ${what}: sshd and what is run there`,
				unit: '% of a core',
				values: sshd,
				atMost: 1,
			};
			await screen.close();
		}
		await host.tell({ do: 'change', changing: false });
	},
};
