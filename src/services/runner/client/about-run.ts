import type { Operator } from '../../../runbook/run.ts';
import type { About } from './run-folder.ts';

// What a list needs of a run's folder, and what following needs at once: without zod, for a list is read while the dashboard
// idles. All else is read with its shape, in build-run.ts.

/** What was read of a run's folder; made into a Run again whenever more records have come. */
export interface RunFiles {
	readonly id: string;
	readonly files: ReadonlyMap<string, string>;
}

/** A mapping or a list in JSON; undefined for anything else. */
export const parse = <T>(text: string | undefined): Partial<T> | undefined => {
	try {
		const value: unknown = JSON.parse(text ?? '');
		return typeof value === 'object' && value !== null ? (value as Partial<T>) : undefined;
	} catch {
		return undefined;
	}
};

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** An operator, as far as it can be read. */
export const whoOf = (value: unknown): Operator => {
	const { user, machine } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Operator>;
	return { user: text(user, 'unknown'), machine: text(machine, 'unknown') };
};

/** Operator and reason, as far as they can be read. */
export const aboutOf = (json: string | undefined): About & { readonly read: boolean } => {
	const about = parse<About>(json);
	return {
		procedure: text(about?.procedure, 'unknown'),
		title: text(about?.title, 'a run whose record cannot be read'),
		// What is not known to have only looked may have changed something.
		risk: about?.risk === 'read-only' || about?.risk === 'destructive' ? about.risk : 'disruptive',
		who: whoOf(about?.who),
		reason: text(about?.reason, ''),
		...(typeof about?.from === 'string' && { from: about.from }),
		read: about !== undefined,
	};
};

/** MS WHY, as prune writes it. */
export const parsePruned = (line: string | undefined): { readonly at: number; readonly why: string } | undefined => {
	const [, at, why = ''] = /^(\d+) (.*)/.exec(line ?? '') ?? [];
	return at === undefined ? undefined : { at: Number(at), why };
};

/** ms since the epoch; 0 for what is no time that a Date can hold. */
export const timeIn = (text: string | undefined): number => (Math.abs(Number(text)) <= 8.64e15 ? Number(text) : 0);
