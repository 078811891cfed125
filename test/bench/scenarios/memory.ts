import { setTimeout as delay } from 'node:timers/promises';
import { program } from '../../helpers/program.ts';
import { runCommand } from '../measure/command.ts';
import { isLive, openDashboard } from '../measure/dashboard.ts';
import { mostResidentMb, residentMb } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const long = 600_000;

/** Memory while the output of a run comes in, and what of it can be looked at. */
export const memory: Scenario = {
	name: 'memory',
	title: 'Memory, and the whole of an output',
	quick: false,
	grows: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		const way = await host.way(0);
		for (const lines of bench.quick ? [1_000_000] : [1_000_000, 10_000_000, 100_000_000]) {
			const said = lines.toLocaleString('en-US');
			const started = await runCommand([
				...[program, '--config', way.config, 'run', 'print'],
				...['--input', `lines=${lines}`, '--yes', '--detach'],
			]);
			if (started.code !== 0) {
				throw new Error(`the run does not start: ${started.code} ${started.stdout}`);
			}
			const [run = ''] = /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(started.stdout) ?? [];
			const screen = openDashboard(way);
			await screen.until(isLive);
			screen.send('r');
			// By its id: the dashboard names the procedure while it runs, and a key that comes before the list is lost.
			await screen.until((rows) => rows.some((row) => row.includes(run)));
			screen.send('enter');
			const began = screen.now();
			const shows = (line: number) => (rows: readonly string[]) => rows.some((row) => row.trim() === String(line));
			const end = await screen.until(shows(lines), long);
			yield {
				what: `${said} lines, until the last is on the screen`,
				unit: 's',
				values: [((end ?? Number.NaN) - began) / 1000],
			};
			yield { what: `memory after ${said} lines`, unit: 'MB', values: [residentMb(screen.pid)], atMost: 150 };
			// The run has ended: now all of it is looked at.
			await delay(3000);
			const top = screen.now();
			screen.send('g');
			const first = await screen.until(shows(1), long);
			yield { what: `to the first of ${said} lines`, unit: 'ms', values: [(first ?? Number.NaN) - top] };
			const wanted = Math.floor(lines / 2) + 1;
			screen.send('/');
			await screen.until((rows) => rows.some((row) => row.trim() === '/'));
			screen.send(...String(wanted));
			await screen.until((rows) => rows.some((row) => row.trim() === `/${wanted}`));
			const asked = screen.now();
			screen.send('enter');
			const found = await screen.until(shows(wanted), long);
			yield {
				what: `to find the one in the middle of ${said}`,
				unit: 's',
				values: [((found ?? Number.NaN) - asked) / 1000],
			};
			yield { what: `the most memory, ${said} lines`, unit: 'MB', values: [mostResidentMb(screen.pid)], atMost: 150 };
			await screen.close();
		}
	},
};
