import { Box, Text, useIsScreenReaderEnabled } from 'ink';
import Spinner from 'ink-spinner';
import { stopwatch } from './format-time.ts';
import { line, span, wrap } from './line.ts';
import { DynamicBlock } from './live-block.tsx';
import type { Rect } from './panel.ts';

/** Shows what is in progress and for how long. */
export const WaitingFor = ({
	rect,
	what,
	since,
	hint,
}: {
	readonly rect: Rect;
	readonly what: string;
	/** ms since the epoch. */
	readonly since: number;
	readonly hint?: string;
}) => {
	const spoken = useIsScreenReaderEnabled();
	return (
		<>
			<DynamicBlock
				rect={{ ...rect, x: rect.x + 3, width: Math.max(1, rect.width - 3) }}
				sources={[]}
				rows={(now) => [
					[],
					[span(what), span(now - since >= 1000 ? ` ${stopwatch(now - since)}` : '', 'muted')],
					[],
					...(hint === undefined ? [] : wrap(hint, Math.max(8, rect.width - 4)).map((row) => line(row, 'muted'))),
				]}
			/>
			{!spoken && (
				<Box position="absolute" left={rect.x + 1} top={rect.y + 1} width={1} height={1}>
					<Text>
						<Spinner type="dots" />
					</Text>
				</Box>
			)}
		</>
	);
};
