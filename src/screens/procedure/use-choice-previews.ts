import { useRef } from 'react';
import type { PlanPreview } from '../../runbook/plan.ts';
import { useTask } from '../use-task.ts';

/** Reads what the choice with this value would change. */
export type ReadChoice = (value: string, signal: AbortSignal) => Promise<readonly PlanPreview[]>;

/** For how long a choice must be selected before the host is asked, ms: who goes through the list asks for none of them. */
const restMs = 300;

const rest = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, restMs);
		signal.addEventListener('abort', () => {
			clearTimeout(timer);
			reject(signal.reason);
		});
	});

/**
 * What the selected choice would change; undefined while it is being read, empty where it could not be. Each is read once.
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
		await rest(signal);
		const previews = (await read?.(value, signal)) ?? [];
		known.current.set(value, previews);
		return previews;
	});
	if (read === undefined) {
		return [];
	}
	return task.status === 'done' ? task.value : task.status === 'failed' ? [] : known.current.get(selected ?? '');
};
