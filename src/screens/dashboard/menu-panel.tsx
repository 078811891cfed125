import { memo } from 'react';
import { span } from '../../components/line.ts';
import { LiveBlock } from '../../components/live-block.tsx';
import { panelRows } from '../../components/panel.ts';
import { menuItems, menuRows } from './menu-rows.ts';
import { type DashboardModel, menuSelection } from './model.ts';
import { type PanelProps, panelNumber } from './panels.tsx';

/** The menu of procedures, the suggested one first. */
export const MenuPanel = memo(
	({ workspace, rect, focused = false, model }: PanelProps & { readonly model: DashboardModel }) => {
		const { suggestion } = workspace.readings;
		return (
			<LiveBlock
				rect={rect}
				sources={[suggestion, model.state]}
				rows={() => {
					const state = model.state.get();
					const items = menuItems(workspace.procedures, suggestion.get(), state.filter);
					const { selected } = menuSelection(workspace, state);
					const title = workspace.procedures.find(({ id }) => id === selected)?.title ?? '';
					return panelRows(
						{
							number: panelNumber('procedures'),
							title: 'Procedures',
							summary:
								state.filter !== ''
									? [span(`/${state.filter}`, 'accent')]
									: rect.height === 1
										? [span(`› ${title}`)]
										: [],
							focused,
						},
						menuRows(items, { width: rect.width, height: rect.height - 1 }, selected, focused),
						rect,
					);
				}}
			/>
		);
	},
);
