import type { Operator } from '../../../runbook/run.ts';
import type { About } from './run-folder.ts';

// Parts of a run's folder that a list, or the start of following, needs. They are read without zod, since the idle dashboard reads lists.
// Everything else is read with its shape, in build-run.ts.

/** The files of a run's folder as they were read. A Run is made of them again whenever more records arrive. */
export interface RunFiles {
	readonly id: string;
	readonly files: ReadonlyMap<string, string>;
}

/** Parses a mapping or a list in JSON; undefined for anything else. */
export const parse = <T>(text: string | undefined): Partial<T> | undefined => {
	try {
		const value: unknown = JSON.parse(text ?? '');
		return typeof value === 'object' && value !== null ? (value as Partial<T>) : undefined;
	} catch {
		return undefined;
	}
};

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** Reads an operator, as far as possible. */
export const whoOf = (value: unknown): Operator => {
	const { user, machine } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Operator>;
	return { user: text(user, 'unknown'), machine: text(machine, 'unknown') };
};

/** Reads operator and reason, as far as possible. */
export const aboutOf = (json: string | undefined): About & { readonly read: boolean } => {
	const about = parse<About>(json);
	return {
		procedure: text(about?.procedure, 'unknown'),
		title: text(about?.title, 'a run whose record cannot be read'),
		// A run with an unknown risk may have changed something.
		risk: about?.risk === 'read-only' || about?.risk === 'destructive' ? about.risk : 'disruptive',
		who: whoOf(about?.who),
		reason: text(about?.reason, ''),
		...(typeof about?.from === 'string' && { from: about.from }),
		...(about?.guard === true && { guard: true as const }),
		...(about?.unchecked === true && { unchecked: true as const }),
		read: about !== undefined,
	};
};

/** Parses MS WHY, as prune writes it. */
export const parsePruned = (line: string | undefined): { readonly at: number; readonly why: string } | undefined => {
	const [, at, why = ''] = /^(\d+) (.*)/.exec(line ?? '') ?? [];
	return at === undefined ? undefined : { at: Number(at), why };
};

/** Parses ms since the epoch; 0 for a time that a Date cannot hold. */
export const timeIn = (text: string | undefined): number => (Math.abs(Number(text)) <= 8.64e15 ? Number(text) : 0);
