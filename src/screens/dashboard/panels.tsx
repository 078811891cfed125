import { memo } from 'react';
import { type Line, line, linkSpan, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { panelRows, type Rect } from '../../components/panel.ts';
import { sameProps } from '../../components/same-props.ts';
import { linkLabel } from '../../runbook/runbook.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useHistory } from '../history-context.ts';
import { runsOnHeader } from '../runs/runs-on-header.ts';
import { checksRows, settleLine, verdictLine } from './checks-rows.ts';
import { type ContainerOrder, containersRows, containersSummary } from './containers-rows.ts';
import { headerRows } from './header-rows.ts';
import { type PanelId, panelIds } from './layout.ts';
import type { MonitorPanel } from './monitor-panel.ts';
import { type MonitorPanelId, monitorPanels } from './monitor-panels.ts';

export interface PanelProps {
	readonly workspace: Workspace;
	readonly rect: Rect;
	readonly focused?: boolean;
	/** True when the key that focuses it is shown. */
	readonly numbered?: boolean;
	/** Number of rows that are scrolled away at the top. */
	readonly from?: number;
}

/** Returns the key of a panel; undefined for those after the ninth. */
export const panelNumber = (id: PanelId): number | undefined => {
	const number = panelIds.indexOf(id) + 1;
	return number > 9 ? undefined : number;
};

/** Returns the rows from `from` on; if there are more below, the last row says how many. */
const stretch = (rows: readonly Line[], rect: Rect, from = 0): readonly Line[] => {
	const room = rect.height - 1;
	const start = Math.max(0, Math.min(from, rows.length - room));
	const below = rows.length - start - room;
	return below <= 0 || room < 3
		? rows.slice(start)
		: [...rows.slice(start, start + room - 1), line(`   … ${below + 1} more`, 'muted')];
};

const numberOf = (id: PanelId, numbered = true) => (numbered ? panelNumber(id) : undefined);

export const Header = memo(({ workspace, rect }: PanelProps) => {
	const { link, verification, commit, lock, runs, containers } = workspace.readings;
	const { mainService } = workspace.target;
	return (
		<DynamicBlock
			rect={rect}
			sources={[link, verification, commit, lock, runs, containers]}
			rows={(now) =>
				headerRows(
					{
						target: workspace.target,
						link: link.get(),
						verification: verification.get(),
						commit: commit.get(),
						lock: lock.get(),
						...runsOnHeader(runs.get() ?? [], workspace.procedures),
						main: containers.get().value?.find(({ service }) => service === mainService),
					},
					now,
					rect.width,
				)
			}
		/>
	);
}, sameProps);

interface ContainersPanelProps extends PanelProps {
	readonly selected?: string;
	readonly order?: ContainerOrder;
}

export const ContainersPanel = memo(
	({ workspace, rect, focused = false, numbered, selected, order = 'usual' }: ContainersPanelProps) => {
		const { containers } = workspace.readings;
		const history = useHistory();
		return (
			<DynamicBlock
				rect={rect}
				sources={[containers]}
				rows={(now) => {
					const reading = containers.get();
					const size = { width: rect.width, height: rect.height - 1 };
					return panelRows(
						{
							number: numberOf('containers', numbered),
							title: order === 'usual' ? 'Containers' : `Containers by ${order}`,
							summary: containersSummary(reading, now),
							focused,
						},
						containersRows(reading, now, size, focused ? selected : undefined, { history, order }),
						rect,
					);
				}}
			/>
		);
	},
	sameProps,
);

interface ReadingPanelProps extends PanelProps {
	readonly id: MonitorPanelId;
	/** True when it fills the screen. */
	readonly zoomed?: boolean;
}

/** The panel of a monitor, by its id in the table. */
export const ReadingPanel = memo(
	({ workspace, rect, focused = false, numbered, from, id, zoomed = false }: ReadingPanelProps) => {
		const { readings } = workspace;
		const history = useHistory();
		const panel: MonitorPanel = monitorPanels[id];
		return (
			<DynamicBlock
				rect={rect}
				sources={panel.sources(readings)}
				rows={(now) =>
					panelRows(
						{
							number: numberOf(id, numbered),
							title: panel.title,
							summary: panel.summary(readings, now, rect),
							focused,
						},
						zoomed && history !== undefined && panel.zoomed !== undefined
							? panel.zoomed(readings, { history, now, width: rect.width, height: rect.height - 1, from })
							: stretch(panel.rows(readings, now, rect.width), rect, from),
						rect,
					)
				}
			/>
		);
	},
	sameProps,
);

export const ChecksPanel = memo(
	({ workspace, rect, focused = false, numbered, selected }: PanelProps & { readonly selected?: string }) => {
		const { verification } = workspace.readings;
		return (
			<DynamicBlock
				rect={rect}
				sources={[verification]}
				rows={(now) => {
					const standing = verification.get();
					const settling = standing === undefined ? [] : settleLine(standing, now);
					return panelRows(
						{
							number: numberOf('checks', numbered),
							title: 'Checks',
							summary:
								standing?.verdict === 'passed' || settling.length === 0 ? verdictLine(standing, now, false) : settling,
							focused,
						},
						checksRows(standing, now, { width: rect.width, height: rect.height - 1 }, focused ? selected : undefined),
						rect,
					);
				}}
			/>
		);
	},
	sameProps,
);

export const LinksPanel = memo(
	({ workspace, rect, focused = false, numbered, from }: PanelProps) => (
		<DynamicBlock
			rect={rect}
			sources={[]}
			rows={() =>
				panelRows(
					{ number: numberOf('links', numbered), title: 'Links', focused },
					stretch(
						workspace.links.map((link) => [span(` ${link.title}  `), linkSpan(linkLabel(link), link.url, 'accent')]),
						rect,
						from,
					),
					rect,
				)
			}
		/>
	),
	sameProps,
);
