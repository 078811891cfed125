import type * as z from 'zod';
import type { Run } from './run.ts';
import type { Shape } from './shapes/infer.ts';
import { copyEntries } from './shapes/journal-copy.ts';
import { readRecord } from './shapes/read-record.ts';

/** One line of a run's copy on the operator's machine. */
export type CopyEntry = { [K in keyof typeof copyEntries]: Shape<(typeof copyEntries)[K]> }[keyof typeof copyEntries];

/** The contents of a copy. */
export interface RunCopy {
	readonly run: Run;
	/** Time of the host's last report, ms since the epoch, this machine's clock. */
	readonly asOf: number;
	/** The received output, masked, in order. */
	readonly output: readonly Extract<CopyEntry, { type: 'output' }>[];
}

const entryOf = (line: string): CopyEntry | undefined => {
	try {
		const value = JSON.parse(line) as { readonly type?: unknown } | null;
		const shape = Object.entries(copyEntries).find(([type]) => type === value?.type)?.[1];
		return shape && readRecord<z.ZodType<CopyEntry>>(shape, value);
	} catch {
		return undefined;
	}
};

/** Returns the byte up to which a copy has the output without a gap; 0 for an empty copy. */
export const copiedUpTo = (text: string): number =>
	text
		.split('\n')
		.map(entryOf)
		.reduce((to, entry) => (entry?.type === 'output' && entry.from <= to ? Math.max(to, entry.to) : to), 0);

/**
 * Reads a copy. Lines that are cut off or unknown are skipped; undefined when the plan is incomplete. A run that was still running at
 * the last write is `unknown`: its host has not been asked since.
 */
export const parseCopy = (text: string): RunCopy | undefined => {
	let plan: Extract<CopyEntry, { type: 'plan' }> | undefined;
	let state: Extract<CopyEntry, { type: 'state' }> | undefined;
	const output = new Map<number, Extract<CopyEntry, { type: 'output' }>>();
	for (const line of text.split('\n')) {
		const entry = entryOf(line);
		if (entry?.type === 'plan') {
			plan ??= entry;
		} else if (entry?.type === 'state') {
			state = entry;
		} else if (entry?.type === 'output') {
			output.set(entry.from, entry);
		}
	}
	if (plan === undefined) {
		return undefined;
	}
	const told = state?.run ?? { state: 'unknown', steps: [], outputBytes: 0, facts: {} };
	return {
		run: { ...plan.run, ...told, state: told.state === 'running' ? 'unknown' : told.state },
		asOf: state?.at ?? plan.at,
		output: [...output.values()].sort((a, b) => a.from - b.from),
	};
};
