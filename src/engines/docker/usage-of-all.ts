import type { Usage } from '../../engine/instance.ts';
import type { Host } from '../../services/host/host.ts';
import { createLineCutter } from '../../services/host/line-cutter.ts';
import { programsPrelude, programVariables } from '../../services/host/programs.ts';
import { lostLink } from '../../services/host/run-script.ts';
import { createMarkFilter, newMark, shellCommand, shellProgram } from '../../services/host/shell-program.ts';
import { orAbort, sleep } from '../../services/host/sleep.ts';
import { withDeadline } from '../../services/host/with-deadline.ts';
import { type RawStats, rawOfCounters, toUse } from './stats.ts';
import script from './usage-of-all.sh';

/** Time between two samples, ms. The second comes earlier: only two of them say how much processor time is used. */
const sampleMs = 2000;
const firstSampleMs = 1000;
/** Time limit of one answer, ms. */
const answerMs = 10_000;
/** Samples after which the containers are located again, as a limit may have been changed. */
const samplesPlaced = 30;
/** Number of containers that are read each time, and of others that are read in turn: more of them would cost the host more. */
const readAlways = 20;
const readInTurn = 20;

/** Docker's own ids; nothing else is searched for on the host. */
const idPattern = /^[0-9a-f]{64}$/;

const asNumber = (word: string | undefined): number | undefined =>
	word !== undefined && /^\d+$/.test(word) ? Number(word) : undefined;

/** Yields the lines of a program on the host, once it has printed its mark. */
async function* linesOf(stdout: AsyncIterable<Buffer>, mark: string): AsyncGenerator<string, void, undefined> {
	const genuine = createMarkFilter(mark);
	const cutter = createLineCutter();
	let begun = false;
	for await (const bytes of stdout) {
		const rest = genuine(bytes);
		if (rest === undefined) {
			continue;
		}
		if (!begun) {
			begun = true;
			yield mark;
		}
		yield* cutter.push(rest);
	}
}

/** Returns a function that makes a sample of the next answer; undefined when the script has ended. */
const createSamples = (next: () => Promise<string | undefined>) => {
	let hostBytes = 0;
	let limits: readonly (number | undefined)[] = [];
	let before = new Map<string, RawStats>();
	const nextWords = async () => (await next())?.split(' ') ?? [];
	/** @param read the numbers of the containers that are read, of all of them */
	return async (
		ids: readonly string[],
		read: readonly number[],
		isNew: boolean,
	): Promise<ReadonlyMap<string, Usage | undefined> | undefined> => {
		if (isNew) {
			const [, host, ...bytes] = await nextWords();
			hostBytes = asNumber(host) ?? 0;
			limits = bytes.map(asNumber);
			before = new Map([...before].filter(([id]) => ids.includes(id)));
		}
		const [word, version = '', ticks, processors] = await nextWords();
		if (word !== 'now') {
			return undefined;
		}
		const head = { version, ticks: Number(ticks), processors: Number(processors) };
		const uses = new Map<string, Usage | undefined>();
		for (const at of read) {
			const id = ids[at] ?? '';
			const raw = rawOfCounters((await next()) ?? '', head, limits[at], hostBytes);
			uses.set(id, raw && toUse(raw, before.get(id)));
			if (raw === undefined) {
				before.delete(id);
			} else {
				before.set(id, raw);
			}
		}
		return uses;
	};
};

/**
 * Reads the counters of containers' control groups with one script that stays on the host and waits for requests: ten streams of Docker's
 * statistics cost a host many times as much. The script ends with its channel. Ends when it can read none of them.
 *
 * @param root where the host has its control groups
 */
export async function* readUsageOfAll(
	host: Host,
	wantedIds: () => readonly string[],
	{ signal, root = '/sys/fs/cgroup' }: { readonly signal: AbortSignal; readonly root?: string },
): AsyncGenerator<ReadonlyMap<string, Usage | undefined>, void, undefined> {
	const running = await host.spawn(shellCommand, { signal });
	try {
		const mark = newMark();
		const ids = () => wantedIds().filter((id) => idPattern.test(id));
		running.stdin.on('error', () => {});
		running.stderr.resume();
		const variables = { ...programVariables(host.programs), root };
		running.stdin.write(shellProgram(mark, variables, [programsPrelude(host.programs), script], { keepInput: true }));
		const lines = linesOf(running.stdout as AsyncIterable<Buffer>, mark);
		const next = async () => (await lines.next()).value ?? undefined;
		const answer = <T>(read: () => Promise<T>) => withDeadline(answerMs, signal, (over) => orAbort(read(), over));
		const sample = createSamples(next);
		let asked: readonly string[] = [];
		let turn = 0;
		// Requests are sent once the program runs: the shell that reads it may read ahead.
		let isThere = (await answer(next)) !== undefined;
		for (let count = 0; isThere; count++) {
			const beganAt = performance.now();
			const wanted = ids();
			const isNew = count % samplesPlaced === 0 || wanted.join() !== asked.join();
			asked = wanted;
			turn = turn >= asked.length ? readAlways : Math.max(turn, readAlways);
			const [from, to] = [turn, Math.min(asked.length, turn + readInTurn)];
			turn = to;
			const read = asked.map((_, at) => at).filter((at) => at < readAlways || (at >= from && at < to));
			running.stdin.write(`${isNew ? `containers ${asked.join(' ')}\n` : ''}read ${readAlways} ${from + 1} ${to}\n`);
			const uses = await answer(() => sample(asked, read, isNew));
			if (count === 0 && uses !== undefined && [...uses.values()].every((use) => use === undefined)) {
				return;
			}
			isThere = uses !== undefined;
			if (uses !== undefined) {
				yield uses;
				await sleep(Math.max(0, (count === 0 ? firstSampleMs : sampleMs) - (performance.now() - beganAt)), signal);
				signal.throwIfAborted();
			}
		}
		if ((await running.end).lost) {
			throw lostLink(host.name, 'say what containers use');
		}
	} finally {
		running.close();
	}
}
