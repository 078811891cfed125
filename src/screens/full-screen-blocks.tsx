import { Box } from 'ink';
import type { ReactNode } from 'react';
import { CanvasArea } from '../components/canvas-area.tsx';
import type { ScreenSize } from './use-screen-size.ts';

/** A screen made of blocks, with an output pane between `paneTop` and the last row if there is one. */
export const FullScreenBlocks = ({
	size,
	paneTop,
	covered,
	children,
}: {
	readonly size: ScreenSize;
	readonly paneTop?: number;
	readonly covered: boolean;
	readonly children: ReactNode;
}) => {
	const areas =
		paneTop === undefined
			? [{ top: 0, height: size.rows }]
			: [
					{ top: 0, height: paneTop },
					{ top: size.rows - 1, height: 1 },
				];
	return (
		<CanvasArea areas={areas} covered={covered}>
			<Box width={size.columns} height={size.rows} flexDirection="column">
				{children}
			</Box>
		</CanvasArea>
	);
};
