import type { RawControllerRevision, RawEvent, RawNode, RawObject, RawPod, RawReplicaSet, RawWorkload } from './raw.ts';

/** The objects of a deployment's namespace, and the nodes, as snapshot.sh prints them. */
export interface Records {
	/** The host's time before it asked, s since the epoch; undefined when it did not say. */
	readonly hostSeconds: number | undefined;
	readonly workloads: readonly RawWorkload[];
	readonly replicaSets: readonly RawReplicaSet[];
	readonly revisions: readonly RawControllerRevision[];
	readonly pods: readonly RawPod[];
	readonly nodes: readonly RawNode[];
	readonly events: readonly RawEvent[];
}

const parsed = (text: string | undefined, empty: unknown): unknown => {
	try {
		return text ? JSON.parse(text) : empty;
	} catch {
		return empty;
	}
};

const kindsOf: Readonly<Record<string, 'workloads' | 'replicaSets' | 'revisions' | 'pods' | 'nodes'>> = {
	Deployment: 'workloads',
	StatefulSet: 'workloads',
	DaemonSet: 'workloads',
	ReplicaSet: 'replicaSets',
	ControllerRevision: 'revisions',
	Pod: 'pods',
	Node: 'nodes',
};

const toObject = (fields: readonly string[]) => {
	const [kind = '', name = '', uid = '', resourceVersion = '', generation, createdAt = '', deletedAt = ''] = fields;
	const [labels, annotations, owners, spec, status, revision] = fields.slice(7);
	return {
		kind,
		name,
		uid,
		resourceVersion,
		generation: Number(generation || 0),
		createdAt,
		deletedAt,
		labels: parsed(labels, {}) as RawObject['labels'],
		annotations: parsed(annotations, {}) as RawObject['annotations'],
		owners: parsed(owners, []) as RawObject['owners'],
		spec: parsed(spec, {}) as object,
		...(kindsOf[kind.trim()] === 'workloads' && { specText: spec ?? '' }),
		status: parsed(status, {}) as object,
		revision: Number(revision || 0),
	};
};

const toEvent = (fields: readonly string[]): RawEvent => {
	const [about = '', type = '', reason = '', lastAt = '', count, ...message] = fields.slice(13);
	return {
		uid: fields[2] ?? '',
		about,
		type,
		reason,
		message: message.join('\x1f'),
		at: lastAt || (fields[5] ?? ''),
		count: Number(count || 1),
	};
};

/** Reads what snapshot.sh prints. */
export const readRecords = (text: string): Records => {
	const [seconds = '', ...rest] = text.split('\x1e');
	const objects = {
		workloads: [] as RawWorkload[],
		replicaSets: [] as RawReplicaSet[],
		revisions: [] as RawControllerRevision[],
		pods: [] as RawPod[],
		nodes: [] as RawNode[],
	};
	const events: RawEvent[] = [];
	for (const record of rest) {
		const fields = record.split('\x1f');
		const place = kindsOf[fields[0]?.trim() ?? ''];
		if (fields[0]?.trim() === 'Event') {
			events.push(toEvent(fields));
		} else if (place !== undefined && events.length === 0) {
			// After the first event nothing else follows: what seems to is part of a message.
			(objects[place] as RawObject[]).push(toObject(fields));
		}
	}
	const at = Number(seconds.trim());
	return { hostSeconds: Number.isFinite(at) && at > 0 ? at : undefined, ...objects, events };
};
