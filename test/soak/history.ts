import { appendFileSync, writeFileSync } from 'node:fs';

/** A run as a client was told of it. */
export interface Told {
	readonly run: string;
	readonly state: string;
}

/** One line of a history: a client calls, or has its answer. Times by one clock, ms. */
export type Entry =
	| { readonly at: number; readonly call: string; readonly words: readonly string[]; readonly reason?: string }
	| {
			readonly at: number;
			readonly answer: string;
			/** Undefined when the client was killed. */
			readonly code?: number | undefined;
			/** What it printed of runs, in order. */
			readonly told: readonly Told[];
			/** True when it printed all runs that there are. */
			readonly isList: boolean;
	  };

/** Writes a history to a file as NDJSON while it happens, for a look at it afterwards, and keeps it. */
export class History {
	readonly entries: Entry[] = [];
	readonly #file: string;

	constructor(file: string) {
		this.#file = file;
		writeFileSync(file, '');
	}

	add(entry: Entry): void {
		this.entries.push(entry);
		appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
	}
}

/** What a command printed of runs with --json; a line that was cut off is left out. */
export const toldBy = (stdout: string): readonly Told[] =>
	stdout.split('\n').flatMap((line) => {
		try {
			const { type, run, id, state } = JSON.parse(line) as Record<string, string | undefined>;
			const name = type === 'run' ? id : type === 'end' || type === 'cancel' ? run : undefined;
			return name !== undefined && state !== undefined ? [{ run: name, state }] : [];
		} catch {
			return [];
		}
	});

/** States that a run never leaves. */
const isEnd = (state: string): boolean => ['succeeded', 'failed', 'cancelled', 'timed-out'].includes(state);

interface Operation {
	readonly name: string;
	readonly called: number;
	readonly answered: number;
	readonly told: readonly Told[];
	readonly isList: boolean;
}

const operationsOf = (entries: readonly Entry[]): readonly Operation[] => {
	const calls = new Map(entries.flatMap((entry) => ('call' in entry ? [[entry.call, entry.at] as const] : [])));
	return entries.flatMap((entry) =>
		'answer' in entry
			? [
					{
						name: entry.answer,
						called: calls.get(entry.answer) ?? Number.NaN,
						answered: entry.at,
						told: entry.told,
						isList: entry.isList,
					},
				]
			: [],
	);
};

/** An answer has a call before it, one only, and a run that one client saw ended has no other end for anybody. */
const judgeAnswers = (operations: readonly Operation[]): readonly string[] => {
	const wrong: string[] = [];
	const names = new Set<string>();
	const ends = new Map<string, { readonly state: string; readonly by: string }>();
	for (const { name, called, answered, told } of operations) {
		if (!(called <= answered)) wrong.push(`${name} was answered before it was called`);
		if (names.has(name)) wrong.push(`${name} was answered twice`);
		names.add(name);
		for (const { run, state } of told.filter((one) => isEnd(one.state))) {
			const end = ends.get(run);
			if (end !== undefined && end.state !== state)
				wrong.push(`${run} ended as ${end.state} for ${end.by}, and as ${state} for ${name}`);
			ends.set(run, end ?? { state, by: name });
		}
	}
	return [...new Set(wrong)];
};

/** What one client has seen, whoever calls after its answer sees as well: each run, and ended where it was. */
const judgeGrowth = (operations: readonly Operation[]): readonly string[] => {
	const wrong: string[] = [];
	const answered = operations.toSorted((one, other) => one.answered - other.answered);
	const seen = new Map<string, Told & { readonly by: string }>();
	let next = 0;
	for (const later of operations.toSorted((one, other) => one.called - other.called)) {
		for (; (answered[next]?.answered ?? Number.POSITIVE_INFINITY) < later.called; next++) {
			const { name, told = [] } = answered[next] ?? { name: '' };
			for (const one of told) {
				if (!isEnd(seen.get(one.run)?.state ?? '')) seen.set(one.run, { ...one, by: name });
			}
		}
		const now = new Map(later.told.map(({ run, state }) => [run, state]));
		for (const { run, state, by } of seen.values()) {
			const told = now.get(run);
			if (told === undefined && later.isList) wrong.push(`${later.name} does not see ${run}, which ${by} saw before`);
			// Unknown claims nothing.
			if (told !== undefined && told !== 'unknown' && isEnd(state) && told !== state) {
				wrong.push(`${later.name} sees ${run} as ${told} after ${by} saw it ${state}`);
			}
		}
	}
	return wrong;
};

/** Steps of two runs never alternate: a run has the lock from its first step to its last. Each line begins with the run. */
const judgeLock = (ledger: readonly string[]): readonly string[] => {
	const runs = ledger.map((line) => line.split(' ')[0] ?? '');
	const known = new Set<string>();
	return runs.flatMap((run, index) => {
		const isBack = run !== runs[index - 1] && known.has(run);
		known.add(run);
		return isBack ? [`${run} worked again after ${runs[index - 1]} had begun: both had the lock`] : [];
	});
};

/**
 * Checks that there is a legal order for what all clients were told: no answer from before its call, what was seen only grows, a run has
 * one end, and one run at a time works. Gives what has none, one sentence each.
 *
 * @param ledger what the steps of the runs have written, in order, each line beginning with its run
 */
export const judgeHistory = (entries: readonly Entry[], ledger: readonly string[]): readonly string[] => {
	const operations = operationsOf(entries);
	return [...judgeAnswers(operations), ...judgeGrowth(operations), ...judgeLock(ledger)];
};
