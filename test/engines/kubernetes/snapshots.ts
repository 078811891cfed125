import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecords } from '../../../src/engines/kubernetes/records.ts';
import type { Snapshot } from '../../../src/engines/kubernetes/snapshot.ts';
import { type ApiObject, recordsText } from './records-text.ts';

/** Objects that kubectl 1.20 printed for a namespace in which nearly everything is wrong. */
export const recorded: readonly ApiObject[] = readFileSync(
	join(import.meta.dirname, 'recorded/incident.ndjson'),
	'utf8',
)
	.trimEnd()
	.split('\n')
	.map((line) => JSON.parse(line));

/** When they were printed, ms. */
export const recordedAt = Date.parse('2026-11-29T19:21:00Z');

const script = readFileSync(join(import.meta.dirname, '../../../src/engines/kubernetes/snapshot.sh'), 'utf8');
const template = /^fields='\{range \.items\[\*\]\}(.*)\{end\}'$/m.exec(script)?.[1] ?? '';
const kinds = [...script.matchAll(/^(?:workloads|others)=(.*)$/gm)].flatMap(([, list = '']) => list.split(','));

/** Returns the text that snapshot.sh prints for objects. */
export const textOf = (objects: readonly ApiObject[]): string =>
	`1795979460\x1e${recordsText(objects, kinds, template)}`;

export const snapshotOf = (objects: readonly ApiObject[]): Snapshot => ({
	...readRecords(textOf(objects)),
	forbidden: [],
});

/** Returns the objects with one of them changed. */
export const changed = (
	name: string,
	change: (object: Record<string, unknown>) => void,
	kind = 'Pod',
	objects = recorded,
): readonly ApiObject[] =>
	objects.map((object) => {
		if (object.metadata.name !== name || object.kind !== kind) {
			return object;
		}
		const copy = structuredClone(object) as unknown as Record<string, unknown>;
		change(copy);
		return copy as unknown as ApiObject;
	});
