import { memo } from 'react';
import { type Line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { panelRows, type Rect } from '../../components/panel.ts';
import { sameProps } from '../../components/same-props.ts';
import { riskSigns } from '../../components/status-icons.ts';
import type { ProcedureSummary } from '../../stores/workspace.ts';
import { menuItems, menuRows, worded } from './menu-rows.ts';
import { type DashboardModel, menuSelection } from './model.ts';
import { type PanelProps, panelNumber } from './panels.tsx';

export interface MenuPanelProps extends PanelProps {
	readonly model: DashboardModel;
	/** True while a filter is being typed. */
	readonly filtering: boolean;
}

/** The menu of procedures, the suggested one first. */
export const MenuPanel = memo(({ workspace, rect, focused = false, model, filtering }: MenuPanelProps) => {
	const { suggestion } = workspace.readings;
	return (
		<DynamicBlock
			rect={rect}
			sources={[suggestion, model.state]}
			rows={() => {
				const state = model.state.get();
				const items = menuItems(workspace.procedures, suggestion.get(), state.filter);
				const { selected } = menuSelection(workspace, state);
				const procedure = workspace.procedures.find(({ id }) => id === selected);
				return panelRows(
					{
						number: panelNumber('procedures'),
						title: 'Procedures',
						summary: menuSummary(state.filter, filtering, procedure, rect),
						focused,
					},
					menuRows(items, { width: rect.width, height: rect.height - 1 }, selected, focused),
					rect,
				);
			}}
		/>
	);
}, sameProps);

const menuSummary = (filter: string, filtering: boolean, procedure: ProcedureSummary | undefined, rect: Rect): Line => {
	if (filter !== '' || filtering) {
		return [span(`/${filter}${filtering ? '▏' : ''}`, 'accent')];
	}
	if (procedure === undefined) {
		return [];
	}
	const sign = riskSigns[procedure.risk];
	return rect.height === 1
		? [span(`${sign.glyph} `, sign.tone), span(procedure.title)]
		: worded(rect.width)
			? []
			: [span(`${sign.glyph} ${sign.word}`, sign.tone)];
};
