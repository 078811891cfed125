import { setTimeout as sleep } from 'node:timers/promises';
import { useRef } from 'react';
import type { PlanPreview } from '../../runbook/plan.ts';
import { useTask } from '../use-task.ts';

/** Reads what the choice with this value would change. */
export type ReadChoice = (value: string, signal: AbortSignal) => Promise<readonly PlanPreview[]>;

/** Time for which a choice must be selected before the host is asked, ms: going through the list asks for none of them. */
const restMs = 300;

/**
 * Returns what the selected choice would change; undefined while it is being read, empty where it could not be. Each is read once.
 *
 * @param selected undefined: nothing is selected, or there is no room to show it
 * @param read undefined: the runbook shows nothing beside these choices
 */
export const useChoicePreviews = (
	selected: string | undefined,
	read: ReadChoice | undefined,
): readonly PlanPreview[] | undefined => {
	const known = useRef(new Map<string, readonly PlanPreview[]>());
	const task = useTask(read === undefined ? undefined : selected, async (signal) => {
		const value = selected ?? '';
		const before = known.current.get(value);
		if (before !== undefined) {
			return before;
		}
		await sleep(restMs, undefined, { signal });
		const previews = (await read?.(value, signal)) ?? [];
		known.current.set(value, previews);
		return previews;
	});
	if (read === undefined) {
		return [];
	}
	return task.status === 'done' ? task.value : task.status === 'failed' ? [] : known.current.get(selected ?? '');
};
