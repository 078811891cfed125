import { setTimeout as delay } from 'node:timers/promises';
import { isLive, openDashboard, stateOf } from '../measure/dashboard.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

const name = 'app-07';
const late = 5000;

/** A container is killed, and the screen says so. */
export const event: Scenario = {
	name: 'event',
	title: '`docker kill` to the screen',
	quick: true,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		for (const [roundTrip, atMost] of [
			[0, 100],
			[40, 150],
		] as const) {
			const screen = openDashboard(await host.way(roundTrip));
			await screen.until(isLive);
			const state = stateOf(name);
			const took: number[] = [];
			for (let round = 0; round < bench.times(20, 5); round++) {
				await delay(200 + Math.random() * 400);
				const before = performance.timeOrigin + performance.now() - screen.now();
				const seen = screen.until((rows) => state(rows) === 'exited', late);
				const { at } = await host.tell({ do: 'kill', name });
				took.push(((await seen) ?? late) + before - at);
				await host.tell({ do: 'start', name });
				await screen.until((rows) => state(rows) === 'running', late);
			}
			await screen.close();
			yield { what: `changed state, ${roundTrip} ms round trip`, unit: 'ms', values: took, judged: 'p90', atMost };
		}
	},
};
