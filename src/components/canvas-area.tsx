import { createContext, type ReactNode, useContext, useId, useInsertionEffect, useMemo } from 'react';
import { createCanvas } from './canvas.ts';
import { PainterContext } from './painter-context.ts';
import type { Rect } from './panel.ts';

/** A painter for blocks that bypass Ink's tree. */
export interface BlockPainter {
	put(id: string, rect: Rect, rows: readonly string[] | undefined): void;
}

const BlockPainterContext = createContext<BlockPainter | undefined>(undefined);

/** Returns the painter of blocks; undefined when Ink draws them. */
export const useBlockPainter = (): BlockPainter | undefined => useContext(BlockPainterContext);

export interface CanvasAreaProps {
	/** Ranges of full-width rows that contain nothing but blocks. */
	readonly areas: readonly { readonly top: number; readonly height: number }[];
	/** True while something of Ink's covers them: Ink then draws the blocks too. */
	readonly covered: boolean;
	readonly children: ReactNode;
}

/**
 * Paints the blocks inside it without Ink. Ink tokenises and measures the whole screen again for every change, 10 ms and more for a
 * full one; a painted block costs only its own rows.
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
					// Any area will do: the painter writes only rows that differ.
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
