import { Box } from 'ink';
import { useState } from 'react';
import { centred, Dialog, guardMs, inside } from '../../components/dialog.tsx';
import { type Line, line, span, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { TextInput } from '../../components/text-input.tsx';
import { isBlockName } from '../../runbook/block.ts';
import type { Plan } from '../../runbook/plan.ts';

/** Returns the names of what the plan would lose, SERVICE:ASPECT:NAME, if it is refused for that. */
export const lossesOfPlan = (plan: Plan): readonly string[] =>
	plan.preconditions.flatMap(({ state, allow }) => (state === 'passed' ? [] : (allow ?? [])));

/** Says what the names are: a blocked version is no loss. */
const titleOf = (names: readonly string[]): string =>
	names.every(isBlockName)
		? 'The version is blocked'
		: names.some(isBlockName)
			? 'What would be lost, and a blocked version'
			: 'What would be lost';

export interface AllowLossesProps {
	readonly area: Rect;
	readonly plan: Plan;
	/** Called when all names were typed. */
	readonly onAllow: (names: readonly string[]) => void;
	readonly onCancel: () => void;
}

/**
 * Asks for the name of each thing that would be lost, and of a blocked version: nothing is lost or deployed again unless the operator has
 * typed its name.
 */
export const AllowLosses = ({ area, plan, onAllow, onCancel }: AllowLossesProps) => {
	const names = lossesOfPlan(plan);
	const [typed, setTyped] = useState(0);
	const [value, setValue] = useState('');
	const [problem, setProblem] = useState('');
	const width = Math.min(76, area.width);
	const [name = ''] = names.slice(typed);
	const why = plan.preconditions.find(({ allow, state }) => state !== 'passed' && allow?.includes(name))?.detail ?? '';
	const above: Line[] = [
		...wrap(why, width - 4)
			.slice(0, Math.max(1, area.height - 8))
			.map((row) => line(row, 'warn')),
		[],
		[
			span('Type  ', 'strong'),
			span(name, 'accent'),
			span(names.length > 1 ? `  (${typed + 1} of ${names.length})` : '', 'muted'),
		],
	];
	const rows: Line[] = [
		...above,
		[],
		[],
		problem === ''
			? [span('Esc ', 'accent'), span('allows nothing; the plan is made again afterwards, and asks again', 'muted')]
			: line(problem, 'warn'),
	];
	const rect = centred(area, width, rows.length + 2);
	const field = inside(rect);
	const submit = (text: string) => {
		setValue('');
		if (text.trim() !== name) {
			setProblem(`That is not “${name}”. Nothing was allowed.`);
			return;
		}
		setProblem('');
		if (typed + 1 === names.length) {
			onAllow(names);
		} else {
			setTyped(typed + 1);
		}
	};
	return (
		<>
			<Dialog rect={rect} title={titleOf(names)} tone="bad" rows={rows} />
			<Box position="absolute" left={field.x} top={field.y + above.length} width={field.width} height={1}>
				<TextInput
					key={name}
					value={value}
					onChange={setValue}
					onSubmit={submit}
					onCancel={onCancel}
					width={field.width}
					layer="dialog"
					guardMs={guardMs}
				/>
			</Box>
		</>
	);
};
