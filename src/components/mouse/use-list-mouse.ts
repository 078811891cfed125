import type { Rect } from '../panel.ts';
import { windowStart } from '../scroll.ts';
import { useMouseAreas } from './use-mouse.ts';

/**
 * Binds the mouse in a list that shows a range around the selected row: the wheel moves the selection, a press selects.
 * @param above rows of the rectangle above the first item: a title, a head
 */
export const useListMouse = (
	{
		rect,
		above,
		ids,
		selected,
		onWheel,
		onSelect,
	}: {
		readonly rect: Rect;
		readonly above: number;
		readonly ids: readonly string[];
		readonly selected: string | undefined;
		readonly onWheel: (by: 1 | -1) => void;
		readonly onSelect: (id: string) => void;
	},
	active: boolean,
): void => {
	const onClick = (row: number) => {
		const room = Math.max(1, rect.height - above);
		const from = windowStart(ids.length, Math.max(0, ids.indexOf(selected ?? '')), room);
		const id = row < above ? undefined : ids[from + row - above];
		if (id !== undefined) {
			onSelect(id);
		}
	};
	useMouseAreas([{ rect, onWheel, onClick }], active);
};
