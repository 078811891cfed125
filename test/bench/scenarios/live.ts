import type { Way } from '../host/open.ts';
import { runCommand } from '../measure/command.ts';
import { hasContainers, isLive, openDashboard } from '../measure/dashboard.ts';
import { median } from '../measure/figures.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const farMs = 50;
/** Long enough that other load of the machine matters little, ms: round trips are counted in this time. */
const countMs = 1000;

interface Start {
	readonly list: number;
	readonly all: number;
	/** `ssh HOST true`. */
	readonly connect: number;
}

const start = async (way: Way): Promise<Start> => {
	const screen = openDashboard(way);
	const [list = Number.NaN, all = Number.NaN] = await Promise.all([screen.until(hasContainers), screen.until(isLive)]);
	await screen.close();
	return { list, all, connect: (await runCommand(['ssh', ...way.ssh, 'true'])).ms };
};

/** Measures the time from the start to the host's state, over SSH, near and far, beside `ssh HOST true` and `docker ps` over SSH. */
export const live: Scenario = {
	name: 'live',
	title: 'Start to live, over SSH',
	quick: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		const near: Start[] = [];
		for (const roundTrip of [0, farMs]) {
			const way = await host.way(roundTrip);
			const starts: Start[] = [];
			const docker: number[] = [];
			for (let round = 0; round < bench.times(10, 3); round++) {
				starts.push(await start(way));
				docker.push((await runCommand(['docker', 'ps'], { env: way.docker })).ms);
			}
			if (roundTrip === 0) {
				near.push(...starts);
			}
			const connects = median(starts.map(({ connect }) => connect)).toFixed(0);
			const beside = `ssh true ${connects} ms, docker ps over ssh ${median(docker).toFixed(0)} ms`;
			const over = `${roundTrip} ms round trip`;
			yield { what: `container list, ${over}`, unit: 'ms', values: starts.map(({ list }) => list), beside };
			yield { what: `all panels, ${over}`, unit: 'ms', values: starts.map(({ all }) => all), beside };
		}
		const way = await host.way(countMs);
		const counted: Start[] = [];
		for (let round = 0; round < bench.times(5, 1); round++) {
			counted.push(await start(way));
		}
		const trips = (what: keyof Start) =>
			(median(counted.map((one) => one[what])) - median(near.map((one) => one[what]))) / countMs;
		const beside = `to connect takes ssh ${trips('connect').toFixed(1)} round trips; counted at ${countMs} ms each`;
		for (const [what, name] of [
			['container list', 'list'],
			['all panels', 'all'],
		] as const) {
			yield {
				what: `${what}, beyond one connect`,
				unit: 'round trips',
				values: [trips(name) - trips('connect')],
				atMost: 3,
				beside,
			};
		}
	},
};
