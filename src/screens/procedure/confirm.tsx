import { Box } from 'ink';
import { useState } from 'react';
import { centred, Dialog, guardMs, inside } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, pad, span, widthOf, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { TextInput } from '../../components/text-input.tsx';
import type { Plan } from '../../runbook/plan.ts';

export interface ConfirmProps {
	readonly area: Rect;
	readonly plan: Plan;
	/** The typed reason; it outlives the dialog. */
	readonly reason: string;
	readonly onReason: (reason: string) => void;
	readonly onStart: (reason: string) => void;
	readonly onCancel: () => void;
}

/** Asks for the confirmation that the risk requires. Read-only plans need none. */
export const Confirm = (props: ConfirmProps) =>
	props.plan.risk === 'destructive' ? <ConfirmByName {...props} /> : <ConfirmByKey {...props} />;

const what = (plan: Plan, width: number): Line[] => [
	...wrap(`${plan.title} on ${plan.target} (${plan.host}).`, width).map((row) => line(row)),
	// Before the inputs, which have just been chosen: if rows are missing, this stays.
	...(plan.interrupts.length === 0
		? []
		: wrap(`Interrupted: ${plan.interrupts.join(', ')}`, width).map((row) => line(row, 'warn'))),
	...plan.inputs.map(
		({ title, label, detail }): Line => [span(`${title}: `, 'muted'), span(label, 'accent'), span(` ${detail}`)],
	),
	[],
];

/** Rows that the notes of a plan may take from the question. */
const mostNoteRows = 6;

/** Returns the notes of a plan that fit whole, to be known before it starts. */
const notes = (plan: Plan, width: number, room: number): Line[] => {
	const label = 'To know  ';
	const rows: Line[] = [];
	for (const note of plan.notes ?? []) {
		const wrapped = wrap(note, width - widthOf(label)).map(
			(text, at): Line => [span(at === 0 ? label : ' '.repeat(widthOf(label)), 'muted'), span(text)],
		);
		if (rows.length + wrapped.length <= Math.min(mostNoteRows, room)) {
			rows.push(...wrapped);
		}
	}
	return rows;
};

/** Returns what is asked about, in at most `room` rows: the notes only where everything else fits. */
const asked = (plan: Plan, width: number, room: number): readonly Line[] => {
	const rows = what(plan, width);
	const known = notes(plan, width, room - rows.length);
	return fitting([...rows.slice(0, -1), ...known, ...rows.slice(-1)], room);
};

/** Returns as many rows as fit; the blank one at the end is dropped first. */
const fitting = (rows: readonly Line[], room: number): readonly Line[] =>
	(rows.length > room ? rows.slice(0, -1) : rows).slice(0, Math.max(0, room));

/** Disruptive: `y`; every other key is No. */
const ConfirmByKey = ({ area, plan, reason, onReason, onStart, onCancel }: ConfirmProps) => {
	const [typing, setTyping] = useState(false);
	const width = Math.min(76, area.width);
	const rows: Line[] = [
		// With little room the question stays.
		...asked(plan, width - 4, area.height - 5),
		[
			span('Reason  ', 'muted'),
			span(typing ? '' : reason === '' ? 'none given; r to type one' : reason, reason === '' ? 'muted' : 'plain'),
		],
		[],
		[
			span('Start it now? ', 'strong'),
			span('y', 'accent'),
			span(' starts   '),
			span('[No]', 'selected'),
			span(' Enter, n, Esc', 'muted'),
		],
	];
	const rect = centred(area, width, rows.length + 2);
	const field = inside(rect);
	useBindings(
		[
			{ keys: ['y'], label: 'start', run: () => onStart(reason) },
			{ keys: ['n', 'enter', 'esc', 'q'], label: 'no', run: onCancel },
			{ keys: ['r'], label: 'reason', run: () => setTyping(true) },
		],
		{ layer: 'dialog', modal: true, guardMs },
	);
	return (
		<>
			<Dialog rect={rect} title="Disruptive" tone="warn" rows={rows} />
			{typing && (
				<Box position="absolute" left={field.x + 8} top={field.y + rows.length - 3} width={field.width - 8} height={1}>
					<TextInput
						value={reason}
						onChange={onReason}
						onSubmit={() => setTyping(false)}
						onCancel={() => setTyping(false)}
						width={field.width - 8}
						placeholder="why it is done"
					/>
				</Box>
			)}
		</>
	);
};

/** Width of a field that shows enough of what is typed into it, in cells. */
const leastField = 16;

/** Destructive: the target's name typed out, and a reason. */
const ConfirmByName = ({ area, plan, reason, onReason, onStart, onCancel }: ConfirmProps) => {
	const [name, setName] = useState('');
	const [stage, setStage] = useState<'name' | 'reason'>('name');
	const [problem, setProblem] = useState('');
	const width = Math.min(76, area.width);
	const above = [
		...asked(plan, width - 4, area.height - 8),
		line('This replaces data or stops the system. It is not undone automatically.', 'bad'),
		[],
	];
	const whole = `Type the target’s name (${plan.target})  `;
	const prompt = widthOf(whole) <= width - 4 - leastField ? whole : `Type ${plan.target}  `;
	const indent = widthOf(prompt);
	const label = (text: string, own: typeof stage) => span(pad(text, indent), stage === own ? 'strong' : 'muted');
	const rows: Line[] = [
		...above,
		[label(prompt, 'name'), span(stage === 'name' ? '' : name)],
		[label('Reason', 'reason')],
		[],
		problem === '' ? [span('Esc ', 'accent'), span('starts nothing', 'muted')] : line(problem, 'warn'),
	];
	const rect = centred(area, width, rows.length + 2);
	const field = inside(rect);
	const submitName = (text: string) => {
		if (text.trim() === plan.target) {
			setProblem('');
			setStage('reason');
		} else {
			setProblem(`That is not “${plan.target}”. Nothing was started.`);
		}
	};
	const submitReason = (text: string) => {
		if (text.trim() === '') {
			setProblem('A reason is needed: it goes into the journal.');
		} else {
			onStart(text.trim());
		}
	};
	return (
		<>
			<Dialog rect={rect} title="Destructive" tone="bad" rows={rows} />
			<Box
				position="absolute"
				left={field.x + indent}
				top={field.y + above.length + (stage === 'name' ? 0 : 1)}
				width={Math.max(4, field.width - indent)}
				height={1}
			>
				<TextInput
					key={stage}
					value={stage === 'name' ? name : reason}
					onChange={(text) => {
						// The message was about the earlier text.
						setProblem('');
						(stage === 'name' ? setName : onReason)(text);
					}}
					onSubmit={stage === 'name' ? submitName : submitReason}
					onCancel={onCancel}
					submitLabel={stage === 'name' ? 'next' : 'start'}
					width={Math.max(4, field.width - indent)}
					layer="dialog"
					// Whoever has typed the name goes on typing.
					guardMs={stage === 'name' ? guardMs : undefined}
				/>
			</Box>
		</>
	);
};
