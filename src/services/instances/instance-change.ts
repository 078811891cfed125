import type { Instance } from '../../engine/instance.ts';

/** What the model of what runs tells to those who subscribe. */
export interface InstanceChange {
	readonly added: readonly Instance[];
	readonly removed: readonly Instance[];
	readonly changed: readonly ChangedInstance[];
	/** The first that is known: nothing has happened. */
	readonly isFirst: boolean;
	/** All instances were seen now, by a list. Otherwise only those that are named. */
	readonly isWhole: boolean;
}

export interface ChangedInstance {
	readonly instance: Instance;
	/** What differs from before. */
	readonly fields: readonly (keyof Instance)[];
}

const compared = [
	...(['name', 'service', 'status', 'health', 'exitCode', 'oomKilled', 'error', 'restarts'] as const),
	...(['createdAt', 'startedAt', 'finishedAt', 'logFrom', 'image', 'imageId', 'restartPolicy'] as const),
	...(['publishesPorts', 'configuration'] as const),
];

const newestProbe = ({ probes }: Instance): number => probes.at(-1)?.endedAt ?? 0;

/** Which fields of an instance differ. Of health probes only the newest is compared. */
const fieldsThatDiffer = (a: Instance, b: Instance): readonly (keyof Instance)[] => [
	...compared.filter((field) => a[field] !== b[field]),
	...(newestProbe(a) === newestProbe(b) ? [] : (['probes'] as const)),
];

/** Collects what changes until it is told. */
export interface News {
	/** An instance was read; `before`: as it was known. */
	keep(before: Instance | undefined, now: Instance): void;
	forget(instance: Instance): void;
	isEmpty(): boolean;
	take(isWhole: boolean): InstanceChange;
}

export const createNews = (): News => {
	const added = new Map<string, Instance>();
	const removed = new Map<string, Instance>();
	const changed = new Map<string, { readonly instance: Instance; readonly fields: ReadonlySet<keyof Instance> }>();
	let isFirst = true;
	return {
		keep: (before, now) => {
			if (before === undefined || added.has(now.id)) {
				added.set(now.id, now);
				return;
			}
			const had = changed.get(now.id)?.fields ?? [];
			const fields = new Set([...had, ...fieldsThatDiffer(before, now)]);
			if (fields.size > 0) {
				changed.set(now.id, { instance: now, fields });
			}
		},
		forget: (instance) => {
			changed.delete(instance.id);
			// What came and went in between was not there.
			if (!added.delete(instance.id)) {
				removed.set(instance.id, instance);
			}
		},
		isEmpty: () => added.size + removed.size + changed.size === 0,
		take: (isWhole) => {
			const change: InstanceChange = {
				added: [...added.values()],
				removed: [...removed.values()],
				changed: [...changed.values()].map(({ instance, fields }) => ({ instance, fields: [...fields] })),
				isFirst,
				isWhole,
			};
			isFirst = false;
			for (const collected of [added, removed, changed]) {
				collected.clear();
			}
			return change;
		},
	};
};

/** Whether something has happened: an instance came or went, or one of these fields of one is another than before. */
export const touches = (
	{ added, removed, changed, isFirst }: InstanceChange,
	fields: readonly (keyof Instance)[],
): boolean =>
	!isFirst &&
	(added.length > 0 || removed.length > 0 || changed.some((one) => one.fields.some((field) => fields.includes(field))));
