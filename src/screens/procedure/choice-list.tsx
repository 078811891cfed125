import { useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { line, span } from '../../components/line.ts';
import { StaticBlock } from '../../components/live-block.tsx';
import { useListMouse } from '../../components/mouse/use-list-mouse.ts';
import { panelRows, type Rect } from '../../components/panel.ts';
import { cycled, moved } from '../../components/scroll.ts';
import type { InputOffer } from '../../runbook/plan.ts';
import { FilterKeys } from '../filter-keys.tsx';
import { usePlanningStage } from '../planning-stage.ts';
import { aboutChoice, choiceRows, filterChoices } from './choice-rows.ts';
import { type ReadChoice, useChoicePreviews } from './use-choice-previews.ts';

/** Fewer rows than that below the list say nothing of the selected choice. */
const leastRows = 6;

/** One input's choices; the preset is selected, or an earlier choice. */
export const ChoiceList = ({
	rect,
	offer,
	purpose,
	step,
	before,
	read,
	onChoose,
	onBack,
}: {
	readonly rect: Rect;
	readonly offer: InputOffer;
	/** The purpose of the input. */
	readonly purpose: string;
	/** The number of the input, from 1, and of how many. */
	readonly step: { readonly at: number; readonly of: number };
	readonly before: string | undefined;
	/** Reads what a choice would change; undefined where the runbook shows nothing of it. */
	readonly read: ReadChoice | undefined;
	readonly onChoose: (value: string) => void;
	readonly onBack: () => void;
}) => {
	usePlanningStage('choice');
	const [filter, setFilter] = useState('');
	const [filtering, setFiltering] = useState(false);
	const [chosen, setChosen] = useState(before ?? offer.preset);
	const choices = filterChoices(offer, filter);
	const values = choices.map(({ value }) => value);
	const selected = chosen !== undefined && values.includes(chosen) ? chosen : values[0];
	const room = Math.max(1, rect.height - 3);
	const selectedChoice = choices.find(({ value }) => value === selected);
	const left = rect.height - 4 - choices.length;
	const previews = useChoicePreviews(left < leastRows ? undefined : selected, read);
	const move = (by: number) => setChosen(moved(values, selected, by));
	useBindings(
		[
			{
				keys: ['enter'],
				label: 'choose',
				when: selected !== undefined,
				run: () => selected !== undefined && onChoose(selected),
			},
			{ keys: ['/'], label: 'filter', run: () => setFiltering(true) },
			{
				keys: ['n'],
				label: 'next match',
				when: filter !== '',
				run: () => setChosen(cycled(values, selected, 1)),
			},
			{
				keys: ['N'],
				label: 'previous match',
				when: filter !== '',
				run: () => setChosen(cycled(values, selected, -1)),
			},
			{ keys: ['esc'], label: 'back', run: () => (filter === '' ? onBack() : setFilter('')) },
			{ keys: ['q'], label: 'back', hidden: true, run: onBack },
			{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => move(1) },
			{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => move(-1) },
			{ keys: ['g', 'home'], label: 'to the top', group: 'Move', run: () => move(-1e6) },
			{ keys: ['G', 'end'], label: 'to the end', group: 'Move', run: () => move(1e6) },
			{ keys: ['pageDown', 'ctrl-d'], label: 'a page down', group: 'Move', run: () => move(room) },
			{ keys: ['pageUp', 'ctrl-u'], label: 'a page up', group: 'Move', run: () => move(-room) },
		],
		{ layer: 'screen' },
	);
	useListMouse({ rect, above: 3, ids: values, selected, onWheel: move, onSelect: setChosen }, true);
	const summary =
		filtering || filter !== ''
			? [span(`/${filter}${filtering ? '▏' : ''}`, 'accent')]
			: [span(`${choices.length} choices${step.of > 1 ? `, input ${step.at} of ${step.of}` : ''}`, 'muted')];
	return (
		<>
			<StaticBlock
				rect={rect}
				rows={panelRows(
					{ title: offer.title, summary, focused: true },
					[
						line(` ${purpose}`, 'muted'),
						[],
						...choiceRows(choices, offer, selected, { width: rect.width, height: room }),
						...(selectedChoice === undefined || left < leastRows
							? []
							: [
									[],
									...aboutChoice(
										selectedChoice,
										offer,
										previews,
										{ width: rect.width, height: left - 1 },
										step.at === step.of,
									),
								]),
					],
					rect,
				)}
			/>
			{filtering && <FilterKeys text={filter} onText={setFilter} onEnd={() => setFiltering(false)} />}
		</>
	);
};
