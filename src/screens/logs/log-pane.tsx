import { useMouseAreas } from '../../components/mouse/use-mouse.ts';
import { OutputPane } from '../../components/output-pane.tsx';
import type { Rect } from '../../components/panel.ts';
import { useReadable } from '../../components/use-readable.ts';
import type { LogView } from '../../stores/log-view.ts';

/** The lines of a log. */
export const LogPane = ({
	view,
	title,
	status,
	ended,
	covered,
	rect,
}: {
	readonly view: LogView;
	readonly title: string;
	readonly status: string | undefined;
	readonly ended: boolean;
	readonly covered: boolean;
	readonly rect: Rect;
}) => {
	// A search, a mark or a new service changes the drawing, without a change of the pane.
	useReadable(view.state);
	useReadable(view.logs.sources);
	useMouseAreas([{ rect, onWheel: (by) => view.pane.scrollBy(3 * by) }], !covered);
	return (
		<OutputPane
			view={view.pane}
			title={title}
			top={rect.y}
			height={rect.height}
			width={rect.width}
			focused
			status={status}
			ended={ended}
			covered={covered}
		/>
	);
};
