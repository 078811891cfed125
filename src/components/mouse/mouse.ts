import { createStore, type Readable } from '../../stores/store.ts';
import type { MouseEvent } from '../../terminal/mouse.ts';
import type { Rect } from '../panel.ts';

/** A part of the screen that the mouse does something in. Nothing that it does changes the host. */
export interface MouseArea {
	readonly rect: Rect;
	/** A notch of the wheel: 1 is down. */
	readonly onWheel?: (by: 1 | -1) => void;
	/** A press; the row and column in the area, from 0. */
	readonly onClick?: (row: number, column: number) => void;
}

export interface Mouse {
	/** Whether the terminal is asked for it: it then selects no text by itself. */
	readonly on: Readable<boolean>;
	set(on: boolean): void;
	/** Adds areas, as they are at each event; gives what takes them away. */
	add(areas: () => readonly MouseArea[]): () => void;
	handle(event: MouseEvent): void;
}

/** @param onSet asks the terminal for the mouse, or to keep it */
export const createMouse = (onSet: (on: boolean) => void): Mouse => {
	const on = createStore(false);
	const sources = new Set<() => readonly MouseArea[]>();
	return {
		on,
		set: (next) => {
			on.set(next);
			onSet(next);
		},
		add: (areas) => {
			sources.add(areas);
			return () => sources.delete(areas);
		},
		handle: ({ kind, x, y }) => {
			if (!on.get()) {
				return;
			}
			// What was opened last lies on top.
			const area = [...sources]
				.reverse()
				.flatMap((areas) => areas())
				.find(({ rect }) => x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height);
			if (kind === 'click') {
				area?.onClick?.(y - area.rect.y, x - area.rect.x);
			} else {
				area?.onWheel?.(kind === 'down' ? 1 : -1);
			}
		},
	};
};
