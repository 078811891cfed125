import type { Run } from '../../src/runbook/run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { followRun, listRuns, readRun } from '../helpers/compose-runner.ts';
import { makePlan, step } from '../runner/fixture.ts';
import { createRandom, type Random } from '../soak/random.ts';
import { PlayedRun } from './played-run.ts';
import { SeededHost } from './seeded-host.ts';

const where = { directory: '/srv/app', state: '/srv/state' };

/** What one interleaving was like. */
export interface Played {
	/** What must not be, one sentence each. */
	readonly wrong: readonly string[];
	/** How often the link was cut. */
	readonly cuts: number;
	/** Events of host, link, run and clients. */
	readonly steps: number;
}

/** How far a run has come, for a comparison: nothing that was told may be taken back. */
const progress = ({ state, steps }: Run): number =>
	(state === 'running' ? 0 : 1000) + steps.reduce((sum, one) => sum + (one.endedAt ? 2 : one.startedAt ? 1 : 0), 0);

class Client {
	readonly wrong: string[] = [];
	readonly #run: PlayedRun;
	readonly #host: Host;

	constructor(host: Host, run: PlayedRun) {
		this.#host = host;
		this.#run = run;
	}

	/** Follows to the end, or until it is aborted: each byte once and in order, nothing of before a cut while the link is lost. */
	async follow(from: number, signal: AbortSignal): Promise<void> {
		const chunks: Buffer[] = [];
		let next = from;
		let isLive = false;
		let far = 0;
		try {
			const run = await followRun(this.#host, where, this.#run.id, {
				from,
				signal,
				onOutput: (bytes, offset) => {
					if (offset !== next) this.wrong.push(`byte ${offset} came, and ${next} was next`);
					if (!isLive) this.wrong.push('output came while the link was lost');
					if (signal.aborted) this.wrong.push('output came after the end');
					next = offset + bytes.length;
					chunks.push(bytes);
				},
				onRun: (told) => {
					if (progress(told) < far) this.wrong.push(`it was at ${far}, and then at ${progress(told)}`);
					far = progress(told);
				},
				onLive: () => {
					isLive = true;
				},
				onLost: () => {
					isLive = false;
				},
			});
			const { output } = this.#run.at;
			if (run.state !== this.#run.state) this.wrong.push(`it ended as ${this.#run.state}, and ${run.state} was told`);
			if (!Buffer.concat(chunks).equals(output.subarray(from))) this.wrong.push('the output is not what was printed');
		} catch (error) {
			if (!signal.aborted) this.wrong.push(`it could not be followed: ${error}`);
		}
	}

	/** Reads the run or the list: what it says is not from before the call. */
	async look(isList: boolean, signal: AbortSignal): Promise<void> {
		const before = { hasEnded: this.#run.at.hasEnded, size: this.#run.at.output.length };
		try {
			const told = isList
				? (await listRuns(this.#host, where, signal))[0]
				: await readRun(this.#host, where, this.#run.id, signal);
			if (before.hasEnded && told?.state !== this.#run.state) {
				this.wrong.push(`it had ended, and ${told?.state} was told`);
			}
			if (told !== undefined && 'outputBytes' in told && told.outputBytes < before.size) {
				this.wrong.push(`${told.outputBytes} bytes of output were told of ${before.size}`);
			}
		} catch {
			// A cut of the link is no answer, and no wrong one.
		}
	}
}

/** One event, chosen by the random numbers: of the link, of the run, of a client, or some bytes of the host. */
const happen = (
	random: Random,
	host: SeededHost,
	run: PlayedRun,
	{ start, isCalm }: { readonly start: () => void; readonly isCalm: boolean },
): 'cut' | undefined => {
	const what = random.next();
	if (!host.isUp) {
		if (what < 0.3) host.reconnect();
		else run.goOn();
		return undefined;
	}
	if (what < 0.03 && !isCalm) {
		host.cut();
		return 'cut';
	}
	if (what < 0.15) run.goOn();
	else if (what < 0.2) start();
	else host.step();
	return undefined;
};

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Plays one interleaving of a run, its host, its link and its clients. The same seed does the same. */
export const playInterleaving = async (seed: number): Promise<Played> => {
	const random = createRandom(seed);
	const plan = makePlan(
		where.directory,
		['one', 'two', 'three'].map((id) => step(id, 'true')),
	);
	const run = new PlayedRun(random, plan);
	const host = new SeededHost(random, run);
	const client = new Client(host.host, run);
	const aborts: AbortController[] = [];
	const all: Promise<void>[] = [];
	let pending = 0;
	const begin = (make: (signal: AbortSignal) => Promise<void>) => {
		const abort = new AbortController();
		aborts.push(abort);
		pending++;
		all.push(make(abort.signal).finally(() => pending--));
	};
	const start = () => {
		if (all.length >= 8) return;
		const what = random.next();
		if (what < 0.3) begin((signal) => client.follow(random.between(0, run.at.output.length), signal));
		else if (what < 0.9) begin((signal) => client.look(random.chance(0.5), signal));
		else aborts[random.between(0, aborts.length - 1)]?.abort();
	};
	let cuts = 0;
	let steps = 0;
	// In half of them nothing goes wrong any more once the run has ended: then no client may wait for a cut to come to its end.
	const becomesCalm = random.chance(0.5);
	let isCalm = false;
	begin((signal) => client.follow(0, signal));
	for (; steps < 5000 && pending > 0; steps++) {
		if (becomesCalm && !isCalm && run.at.hasEnded) {
			isCalm = true;
			host.calm();
			host.cut();
		}
		cuts += happen(random, host, run, { start, isCalm }) === 'cut' ? 1 : 0;
		await turn();
	}
	const stuck = pending > 0 ? [`${pending} clients have no end after ${steps} events`] : [];
	for (const abort of aborts) abort.abort();
	await Promise.all(all);
	await turn();
	const left = host.open > 0 ? [`${host.open} processes are left on the host`] : [];
	return { wrong: [...client.wrong, ...stuck, ...left], cuts, steps };
};

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** Plays so many interleavings, from a seed on; gives how much was played, and what was wrong with which seed. */
export const playInterleavings = async (
	seed: number,
	count: number,
): Promise<{ readonly cuts: number; readonly steps: number; readonly wrong: readonly string[] }> => {
	const before = timers();
	const wrong: string[] = [];
	let [cuts, steps] = [0, 0];
	for (let one = seed; one < seed + count; one++) {
		const played = await playInterleaving(one);
		cuts += played.cuts;
		steps += played.steps;
		wrong.push(...played.wrong.map((what) => `seed ${one}: ${what}`));
		if (timers() > before) wrong.push(`seed ${one}: ${timers() - before} timers are left`);
	}
	return { cuts, steps, wrong };
};
