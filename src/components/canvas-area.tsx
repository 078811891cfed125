import { createContext, type ReactNode, useContext, useId, useInsertionEffect, useMemo } from 'react';
import { createCanvas } from './canvas.ts';
import { PainterContext } from './painter-context.ts';
import type { Rect } from './panel.ts';

/** Target of blocks that bypass Ink's tree. */
export interface BlockPainter {
	put(id: string, rect: Rect, rows: readonly string[] | undefined): void;
}

const BlockPainterContext = createContext<BlockPainter | undefined>(undefined);

/** Undefined where blocks are Ink's to draw. */
export const useBlockPainter = (): BlockPainter | undefined => useContext(BlockPainterContext);

export interface CanvasAreaProps {
	/** The stretches of full-width rows that hold nothing but blocks. */
	readonly areas: readonly { readonly top: number; readonly height: number }[];
	/** True while something of Ink's lies over them: Ink then draws the blocks too. */
	readonly covered: boolean;
	readonly children: ReactNode;
}

/**
 * Has the blocks in it painted beside Ink. Ink tokenises and measures the whole screen anew for every change, 10 ms and
 * more for a full one; a block that is painted costs its own rows only.
 */
export const CanvasArea = ({ areas, covered, children }: CanvasAreaProps) => {
	const painter = useContext(PainterContext);
	const id = useId();
	const canvas = useMemo(() => createCanvas(), []);
	const active = painter !== undefined && !covered ? painter : undefined;
	const blocks = useMemo(
		() =>
			active && {
				put: (block: string, rect: Rect, rows: readonly string[] | undefined) => {
					canvas.put(block, rect, rows);
					// One area or the other: the painter writes only rows that differ.
					active.invalidate(`${id}-0`, 'now');
				},
			},
		[active, canvas, id],
	);
	const places = areas.map(({ top, height }) => `${top}+${height}`).join(' ');
	useInsertionEffect(() => {
		if (active === undefined) {
			return;
		}
		for (const [index, { top, height }] of areas.entries()) {
			active.setRegion(`${id}-${index}`, { top, height, draw: (width, rows) => canvas.draw(top, width, rows) });
		}
		return () => {
			for (const index of areas.keys()) {
				active.setRegion(`${id}-${index}`, undefined);
			}
		};
	}, [active, canvas, id, places]);
	return <BlockPainterContext value={blocks}>{children}</BlockPainterContext>;
};
