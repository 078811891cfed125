import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Rect } from '../components/panel.ts';
import type { Readable } from '../stores/store.ts';
import type { Workspace } from '../stores/workspace.ts';
import { Header } from './dashboard/panels.tsx';
import { Footer } from './footer.tsx';
import type { ScreenSize } from './use-screen-size.ts';

/** The rows a screen has for itself between header and footer. */
export const bodyOf = ({ columns, rows }: ScreenSize): Rect => ({ x: 0, y: 2, width: columns, height: rows - 3 });

/** A screen over the dashboard: the same header, which stays live, its own body, the keys that work. */
export const ScreenFrame = ({
	workspace,
	size,
	notice,
	children,
}: {
	readonly workspace: Workspace;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly children: ReactNode;
}) => (
	<Box width={size.columns} height={size.rows} flexDirection="column">
		<Header workspace={workspace} rect={{ x: 0, y: 0, width: size.columns, height: 2 }} />
		{children}
		<Footer rect={{ x: 0, y: size.rows - 1, width: size.columns, height: 1 }} notice={notice} />
	</Box>
);
