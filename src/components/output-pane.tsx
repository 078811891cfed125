import { stripVTControlCharacters } from 'node:util';
import { Box, Text, useIsScreenReaderEnabled } from 'ink';
import { useCallback, useContext, useEffect, useId, useInsertionEffect, useRef, useSyncExternalStore } from 'react';
import type { PaneView } from '../stores/pane-view.ts';
import { createThrottle } from '../stores/throttle.ts';
import type { Painter } from '../terminal/region.ts';
import { useMouseAreas } from './mouse/use-mouse.ts';
import { PainterContext } from './painter-context.ts';
import { spokenText } from './screen-reader.ts';
import { useClock, useReadable } from './use-readable.ts';

const WHEEL_ROWS = 3;
/** Interval at which new output is read aloud, ms. */
const SPOKEN_MS = 3000;

export interface OutputPaneProps {
	readonly view: PaneView;
	readonly title: string;
	/** The pane's first row on the screen, 0 at the top. It must match the layout. */
	readonly top: number;
	/** Number of rows, the heading included. */
	readonly height: number;
	/** Always the whole width of the screen. */
	readonly width: number;
	readonly focused?: boolean;
	/** A word about the stream's state, shown in the heading. */
	readonly status?: string;
	/** True when nothing more will arrive, so nothing is followed. */
	readonly ended?: boolean;
	/** True while a dialog covers the pane: then Ink draws it instead of the painter, so that the dialog stays visible. */
	readonly covered?: boolean;
	/** Called for a press of the mouse in it. */
	readonly onClick?: () => void;
}

/**
 * Output over the full width of the screen: a heading, then as many lines as fit. Ink lays out an empty box; the compositor paints the
 * rows, or Ink draws them if there is none.
 */
export const OutputPane = (props: OutputPaneProps) => {
	const painter = useContext(PainterContext);
	const height = Math.max(0, props.height);
	const { view, top, width, covered = false, onClick } = props;
	const rect = { x: 0, y: top, width, height };
	useMouseAreas([{ rect, onWheel: (by) => view.scrollBy(WHEEL_ROWS * by), onClick }], !covered);
	return painter ? (
		<PaintedPane {...props} height={height} painter={painter} />
	) : (
		<PlainPane {...props} height={height} />
	);
};

const PaintedPane = (props: OutputPaneProps & { readonly painter: Painter }) => {
	const { painter, view, title, top, height, width, focused = false, status, ended, covered = false } = props;
	const id = useId();
	// An insertion effect: it runs before Ink writes the frame of the same commit, a layout effect after it.
	useInsertionEffect(() => {
		painter.setRegion(id, {
			top,
			height: covered ? 0 : height,
			draw: (columns, rows) => view.draw({ width: columns, height: rows, title, focused, status, ended }),
		});
	}, [painter, id, view, title, top, height, focused, status, ended, covered]);
	useInsertionEffect(() => () => painter.setRegion(id, undefined), [painter, id]);
	useEffect(() => {
		const endBuffer = view.buffer.changed.subscribe(() => painter.invalidate(id, 'soon'));
		const endState = view.state.subscribe(() => painter.invalidate(id, 'now'));
		painter.invalidate(id, 'soon');
		return () => {
			endBuffer();
			endState();
		};
	}, [painter, id, view]);
	return covered ? <CoveredPane {...props} /> : <Box height={height} width={width} flexShrink={0} />;
};

/** A pane under a dialog: Ink draws the rows, once a second, so that the dialog can cover them. */
const CoveredPane = (props: OutputPaneProps) => {
	useReadable(useClock());
	return <Rows {...props} />;
};

const PlainPane = (props: OutputPaneProps) => {
	const { view } = props;
	const spoken = useIsScreenReaderEnabled();
	const seen = useRef(view.buffer.byteCount);
	useSyncExternalStore(view.state.subscribe, view.state.get);
	const subscribe = useCallback(
		(listener: () => void) => {
			// A screen reader reads everything again whenever a part of it is new.
			const { request, cancel } = createThrottle(
				() => {
					seen.current = view.buffer.byteCount;
					listener();
				},
				spoken ? SPOKEN_MS : 0,
			);
			const end = view.buffer.changed.subscribe(request);
			return () => {
				end();
				cancel();
			};
		},
		[view, spoken],
	);
	// The buffer also changes when only its last line grows, hence bytes rather than lines.
	useSyncExternalStore(subscribe, () => (spoken ? seen.current : view.buffer.byteCount));
	return <Rows {...props} />;
};

const Rows = ({ view, title, height, width, focused = false, status, ended }: OutputPaneProps) => {
	const spoken = useIsScreenReaderEnabled();
	const rows = view.draw({ width, height, title, focused, status, ended });
	if (spoken) {
		const [heading, ...lines] = rows.map(({ text }) => stripVTControlCharacters(text));
		return (
			<Text>{[`Panel ${spokenText(heading ?? '')}`, ...lines.filter((line) => line.trim() !== '')].join('\n')}</Text>
		);
	}
	return (
		<Box height={height} width={width} flexShrink={0} flexDirection="column" overflow="hidden">
			{rows.map((row, index) => (
				<Text key={index} wrap="truncate-end">
					{row.text === '' ? ' ' : row.text}
				</Text>
			))}
		</Box>
	);
};
