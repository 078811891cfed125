import { Box } from 'ink';
import { useEffect, useMemo } from 'react';
import { OutputPane } from '../components/output-pane.tsx';
import { usePaneKeys } from '../components/pane-keys.ts';
import type { Rect } from '../components/panel.ts';
import { useTheme } from '../components/theme-context.tsx';
import { useReadable } from '../components/use-readable.ts';
import { errorTest } from '../stores/log-sources.ts';
import { createPaneView, type PaneView } from '../stores/pane-view.ts';
import type { Actions, Followed } from '../stores/workspace.ts';
import { useOutputKeys } from './use-output-keys.ts';

const views = new WeakMap<Followed, PaneView>();

/** Returns the view of a followed stream; the same one on every screen, so that a scroll position outlives a change of screen. */
export const useFollowedView = (followed: Followed | undefined): PaneView | undefined => {
	const { coloured, palette } = useTheme();
	const view = useMemo(() => {
		if (followed === undefined) {
			return undefined;
		}
		const isCalledError =
			'service' in followed && followed.errors !== undefined ? errorTest(followed.errors) : undefined;
		const view =
			views.get(followed) ??
			createPaneView(followed.output, {
				colour: coloured,
				palette,
				...(isCalledError && { isError: (_line, text) => isCalledError(text) }),
			});
		views.set(followed, view);
		return view;
	}, [followed, coloured]);
	useEffect(() => view?.recolour(palette), [view, palette]);
	return view;
};

export interface FollowedPaneProps {
	readonly followed: Followed;
	readonly view: PaneView;
	readonly actions: Actions;
	readonly rect: Rect;
	readonly number?: number;
	readonly focused: boolean;
	readonly covered: boolean;
	/** Called for a press of the mouse in it. */
	readonly onClick?: () => void;
}

/** The output of a run or the log of a service, over the whole width. */
export const FollowedPane = ({
	followed,
	view,
	actions,
	rect,
	number,
	focused,
	covered,
	onClick,
}: FollowedPaneProps) => {
	const stream = useReadable('following' in followed ? followed.following : followed.status);
	const what = 'service' in followed ? `Log of ${followed.service}` : `Output of run ${followed.id}`;
	const ended = stream.status === 'ended';
	const word = ended && !('service' in followed) ? 'the run has ended' : stream.status;
	const status =
		stream.status === 'live' ? undefined : `${word}${stream.reason === undefined ? '' : `: ${stream.reason}`}`;
	usePaneKeys(view, { active: focused && !covered });
	useOutputKeys(followed, view, actions, focused && !covered);
	return (
		<Box position="absolute" left={rect.x} top={rect.y} width={rect.width} height={rect.height}>
			<OutputPane
				view={view}
				title={number === undefined ? what : `${number} ${what}`}
				top={rect.y}
				height={rect.height}
				width={rect.width}
				focused={focused}
				status={status}
				ended={ended}
				covered={covered}
				onClick={onClick}
			/>
		</Box>
	);
};
