import { createStore, type Readable } from '../../stores/store.ts';
import type { MouseEvent } from '../../terminal/mouse.ts';
import type { Rect } from '../panel.ts';

/** A part of the screen that reacts to the mouse. None of its actions changes the host. */
export interface MouseArea {
	readonly rect: Rect;
	/** Called for a notch of the wheel: 1 is down. */
	readonly onWheel?: (by: 1 | -1) => void;
	/** Called for a press, with the row and column in the area, from 0. */
	readonly onClick?: (row: number, column: number) => void;
}

export interface Mouse {
	/** True when the terminal reports the mouse: it then selects no text by itself. */
	readonly on: Readable<boolean>;
	set(on: boolean): void;
	/** Adds areas, read again at each event; returns a function that removes them. */
	add(areas: () => readonly MouseArea[]): () => void;
	handle(event: MouseEvent): void;
}

/** @param onSet turns the terminal's mouse reports on or off */
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
			// The area opened last is on top.
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
