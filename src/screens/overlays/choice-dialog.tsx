import { useState } from 'react';
import { centred, Dialog } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, pad, span, type Tone, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { selectedRow } from '../../components/table.ts';

export interface Choice {
	/** The letter that selects it at once; none for a choice that should not be made by habit. */
	readonly key?: string;
	readonly label: string;
	readonly run: () => void;
}

export interface ChoiceDialogProps {
	readonly area: Rect;
	readonly title: string;
	readonly tone?: Tone;
	readonly text: readonly string[];
	/** The first one is safe: it is selected, and Esc chooses it. */
	readonly choices: readonly Choice[];
}

/** A question with a few answers. The safe one is preselected, and keys typed before it was visible never answer it. */
export const ChoiceDialog = ({ area, title, tone, text, choices }: ChoiceDialogProps) => {
	const [at, setAt] = useState(0);
	const width = Math.min(72, area.width);
	const rows: Line[] = [
		...text
			.flatMap((paragraph) => wrap(paragraph, width - 4))
			.slice(0, Math.max(0, area.height - choices.length - 3))
			.map((row) => line(row)),
		[],
		...choices.map(({ key, label }, index) => {
			const row: Line = [span(index === at ? '› ' : '  '), span(pad(key ?? '', 2), 'accent'), span(label)];
			return index === at ? selectedRow(row) : row;
		}),
	];
	const safe = choices[0];
	useBindings(
		[
			{ keys: ['enter'], label: 'take it', run: () => choices[at]?.run() },
			{ keys: ['esc'], label: safe?.label ?? 'back', run: () => safe?.run() },
			{ keys: ['j', 'down', 'tab'], label: 'down', group: 'Move', run: () => setAt((at + 1) % choices.length) },
			{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => setAt((at + choices.length - 1) % choices.length) },
			...choices.flatMap(({ key, label, run }) => (key === undefined ? [] : [{ keys: [key], label, run }])),
		],
		{ layer: 'dialog', modal: true, guardMs: 250 },
	);
	return <Dialog rect={centred(area, width, rows.length + 2)} title={title} tone={tone} rows={rows} />;
};
