import type { ReactNode } from 'react';
import type { Rect } from '../components/panel.ts';
import type { Readable } from '../stores/store.ts';
import type { Workspace } from '../stores/workspace.ts';
import { Header } from './dashboard/panels.tsx';
import { Footer } from './footer.tsx';
import { FullScreenBlocks } from './full-screen-blocks.tsx';
import type { ScreenSize } from './use-screen-size.ts';

/** Returns the rows of a screen between header and footer. */
export const bodyOf = ({ columns, rows }: ScreenSize): Rect => ({ x: 0, y: 2, width: columns, height: rows - 3 });

/** A screen over the dashboard: the same live header, its own body, the keys that work. */
export const ScreenFrame = ({
	workspace,
	size,
	notice,
	paneTop,
	covered,
	children,
}: {
	readonly workspace: Workspace;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	/** The first row of an output pane that reaches down to the footer. */
	readonly paneTop?: number;
	/** True while something of Ink's covers the blocks: a dialog, a field to type in. */
	readonly covered: boolean;
	readonly children: ReactNode;
}) => (
	<FullScreenBlocks size={size} paneTop={paneTop} covered={covered}>
		<Header workspace={workspace} rect={{ x: 0, y: 0, width: size.columns, height: 2 }} />
		{children}
		<Footer rect={{ x: 0, y: size.rows - 1, width: size.columns, height: 1 }} notice={notice} />
	</FullScreenBlocks>
);
