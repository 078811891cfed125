import type { Instance } from '../../engine/instance.ts';

/** A change of the instance model, for its subscribers. */
export interface InstanceChange {
	readonly added: readonly Instance[];
	readonly removed: readonly Instance[];
	readonly changed: readonly ChangedInstance[];
	/** True for the first known state: nothing has happened. */
	readonly isFirst: boolean;
	/** True when all instances were read, by a list. Otherwise only the named ones. */
	readonly isWhole: boolean;
}

export interface ChangedInstance {
	readonly instance: Instance;
	/** Names of the fields that differ from before. */
	readonly fields: readonly (keyof Instance)[];
}

const compared = [
	...(['name', 'service', 'status', 'health', 'exitCode', 'oomKilled', 'error', 'restarts'] as const),
	...(['createdAt', 'startedAt', 'finishedAt', 'logFrom', 'image', 'imageId', 'restartPolicy'] as const),
	...(['publishesPorts', 'configuration'] as const),
];

const newestProbe = ({ probes }: Instance): number => probes.at(-1)?.endedAt ?? 0;

/** Lists the fields in which two readings of an instance differ. Of health probes only the newest is compared. */
const fieldsThatDiffer = (a: Instance, b: Instance): readonly (keyof Instance)[] => [
	...compared.filter((field) => a[field] !== b[field]),
	...(newestProbe(a) === newestProbe(b) ? [] : (['probes'] as const)),
];

/** Collects changes until they are published. */
export interface PendingChange {
	/** Adds a reading of an instance; `before`: the last one. */
	keep(before: Instance | undefined, now: Instance): void;
	forget(instance: Instance): void;
	isEmpty(): boolean;
	take(isWhole: boolean): InstanceChange;
}

export const createPendingChange = (): PendingChange => {
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
			// An instance that came and went in between is not reported.
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

/** True when a change has added or removed an instance, or one of these fields of one differs. */
export const touches = (
	{ added, removed, changed, isFirst }: InstanceChange,
	fields: readonly (keyof Instance)[],
): boolean =>
	!isFirst &&
	(added.length > 0 || removed.length > 0 || changed.some((one) => one.fields.some((field) => fields.includes(field))));
