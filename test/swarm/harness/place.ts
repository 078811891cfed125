import type { Node } from '../../nodes/node.ts';
import { openPlace, type Place, type PlaceOptions } from '../../nodes/place.ts';
import type { Stack } from './stack.ts';

export type { Place } from '../../nodes/place.ts';

/** Writes a config for a stack, on this manager. */
export const createPlace = (stack: Stack, node: Node, options: PlaceOptions = {}): Place =>
	openPlace({ engine: 'swarm', deployment: `project: ${stack.name}`, clone: stack.clone, env: node.env }, options);

/** The number of tasks of `agent` on a screen that run, and whose processor and memory are known. */
export const agentsWithUsage = (rows: readonly string[]): number =>
	rows.filter((row) => /● agent .* \d[\d.]*[KM] /.test(row)).length;
