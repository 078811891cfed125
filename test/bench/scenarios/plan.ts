import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession, type Session } from '../../../src/application/fleet/session.ts';
import { planFor } from '../../../src/application/plans/plan-for.ts';
import { inputOffers } from '../../../src/application/plans/resolve-inputs.ts';
import { openConfig } from '../../../src/services/files/files.ts';
import { serveDemo } from '../../demo/demo.ts';
import { startManyTargets } from '../../fleet/many-targets.ts';
import { openDelayLine } from '../host/delay-line.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

/** A long line, so that round trips stand out from the time of the scripts. */
const farMs = 400;

const open = async (config: string, cwd: string): Promise<Session> => {
	const [target] = openConfig({ config, cwd, env: process.env }).targets;
	if (target === undefined) {
		throw new Error(`there is no target in ${config}`);
	}
	const session = openSession(target);
	await session.host.ready();
	return session;
};

/** The preset of each input, else its first choice. */
const inputsOf = async (session: Session, id: string): Promise<Readonly<Record<string, string>>> => {
	const procedure = session.target.runbook.procedures.find((one) => one.id === id);
	const offers = procedure === undefined ? [] : await inputOffers(session, procedure);
	return Object.fromEntries(offers.map(({ name, preset, choices }) => [name, preset ?? choices[0]?.value ?? '']));
};

const timed = async (session: Session, id: string, inputs: Readonly<Record<string, string>>): Promise<number> => {
	const began = performance.now();
	await planFor(session, id, inputs);
	return performance.now() - began;
};

/** Plans of the built-in runbook's procedures, over a line of no length and a long one in turn. */
export const plan: Scenario = {
	name: 'plan',
	title: 'The plans of the built-in runbook',
	quick: false,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const demo = await serveDemo('crash');
		const host = await startManyTargets({ count: 1, demo: demo.config });
		const [port = 0] = host.ports;
		const line = await openDelayLine(port, farMs);
		const folder = join(host.config, '..');
		const elsewhere = (text: string) => text.replaceAll(`:${port}`, `:${line.port}`);
		const knownHosts = join(folder, 'known_hosts');
		appendFileSync(knownHosts, elsewhere(readFileSync(knownHosts, 'utf8')));
		const farConfig = join(folder, 'far.yaml');
		writeFileSync(farConfig, elsewhere(readFileSync(host.config, 'utf8')));
		const near = await open(host.config, folder);
		const far = await open(farConfig, folder);
		const trips: number[] = [];
		const times: number[] = [];
		try {
			const ids = near.target.runbook.procedures.map(({ id }) => id);
			for (const id of bench.quick ? ids.slice(0, 4) : ids) {
				const inputs = await inputsOf(near, id);
				const rounds = Array.from({ length: bench.times(5, 1) });
				const [atHand, away] = [[] as number[], [] as number[]];
				for (const _ of rounds) {
					atHand.push(await timed(near, id, inputs));
					away.push(await timed(far, id, inputs));
				}
				times.push(Math.min(...atHand));
				trips.push((Math.min(...away) - Math.min(...atHand)) / farMs);
			}
		} finally {
			await near.close();
			await far.close();
			await line.close();
			await host.stop();
			await demo.stop();
		}
		yield { what: 'a plan', unit: 'ms', values: times };
		yield { what: 'a plan, at a distance', unit: 'round trips', values: trips, atMost: 4 };
	},
};
