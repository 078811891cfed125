import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openScreen } from '../measure/screen.ts';
import { cpuPercents } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const peers = ['lazydocker', 'ctop', 'dry', 'dockly'] as const;

const isInstalled = (name: string): boolean =>
	(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

const lateMs = 20_000;

/** The same host, looked at by other programs: those that are on the PATH. */
export const others: Scenario = {
	name: 'peers',
	title: 'Other programs, on the same host',
	quick: false,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		for (const name of peers) {
			if (!isInstalled(name)) {
				bench.skip(name, 'it is not on the PATH');
				continue;
			}
			for (const roundTrip of [0, 50]) {
				const way = await host.way(roundTrip);
				const took: number[] = [];
				for (let round = 0; round < bench.times(10, 3); round++) {
					const screen = openScreen([name], { env: way.docker });
					took.push((await screen.until((rows) => rows.some((row) => /app-0\d/.test(row)), lateMs)) ?? Number.NaN);
					await screen.close();
				}
				yield { what: `${name}, container list, ${roundTrip} ms round trip`, unit: 'ms', values: took };
			}
		}
		if (!isInstalled('docker')) {
			bench.skip('docker logs -f', 'docker is not on the PATH');
			return;
		}
		const way = await host.way(0);
		for (const rate of [10_000, 100_000]) {
			const log = openScreen(['docker', 'logs', '-f', 'bench-app-01-1'], { env: way.docker });
			await delay(2000);
			await host.tell({ do: 'flood', rate });
			await delay(2000);
			const before = { bytes: log.bytes, at: performance.now() };
			const used = await cpuPercents(log.pid, bench.times(20, 5), 5);
			const bytes = (log.bytes - before.bytes) / ((performance.now() - before.at) / 1000);
			await host.tell({ do: 'flood', rate: 0 });
			await log.close();
			const what = `docker logs -f over ssh, ${rate.toLocaleString('en-US')} lines/s`;
			yield { what: `${what}: processor, with its ssh`, unit: '% of a core', values: used };
			yield { what: `${what}: to the terminal`, unit: 'bytes/s', values: [bytes] };
		}
	},
};
