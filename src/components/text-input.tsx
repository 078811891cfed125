import { Text } from 'ink';
import { useRef, useState } from 'react';
import { cellWidth, sliceCells } from '../terminal/cells.ts';
import type { LayerName } from './keymap/bindings.ts';
import { useBindings } from './keymap/keymap-provider.tsx';

export interface TextInputProps {
	readonly value: string;
	readonly onChange: (value: string) => void;
	readonly onSubmit: (value: string) => void;
	readonly onCancel: () => void;
	/** The word for Enter in the row of keys; default: `accept`. */
	readonly submitLabel?: string;
	/** Maximum width in cells, the cursor included. */
	readonly width: number;
	readonly placeholder?: string;
	readonly active?: boolean;
	readonly guardMs?: number;
	readonly layer?: LayerName;
	/** True: keys that came in one piece with the one that opened it are taken as text. */
	readonly typeAhead?: boolean;
	/** A character, one cell wide, shown instead of each typed one: for secrets. */
	readonly mask?: string;
}

/** One line of typed text: printable keys and pastes, backspace, ctrl-u, ctrl-w, ctrl-a/e, arrows. */
export const TextInput = (props: TextInputProps) => {
	const { value, onChange, onSubmit, onCancel, width, active = true, layer = 'prompt' } = props;
	const [cursor, setCursor] = useState([...value].length);
	// Keys of one piece arrive faster than renders, so each reads the state that the one before has left.
	const latest = useRef({ value, cursor });
	latest.current = { value, cursor: Math.min(cursor, [...value].length) };

	const edit = (change: (before: string[], after: string[]) => readonly [string[], string[]]) => {
		const characters = [...latest.current.value];
		const at = latest.current.cursor;
		const [before, after] = change(characters.slice(0, at), characters.slice(at));
		const next = [...before, ...after].join('');
		const changed = next !== latest.current.value;
		latest.current = { value: next, cursor: before.length };
		setCursor(before.length);
		if (changed) {
			onChange(next);
		}
	};
	const binding = (keys: string[], label: string, run: () => void) => ({ keys, label, run, hidden: true });
	useBindings(
		[
			{ keys: ['enter'], label: props.submitLabel ?? 'accept', run: () => onSubmit(latest.current.value) },
			{ keys: ['esc'], label: 'cancel', run: onCancel },
			binding(['backspace', 'ctrl-h'], 'erase', () => edit((before, after) => [before.slice(0, -1), after])),
			binding(['delete', 'ctrl-d'], 'erase ahead', () => edit((before, after) => [before, after.slice(1)])),
			binding(['ctrl-u'], 'erase all before', () => edit((_, after) => [[], after])),
			binding(['ctrl-w'], 'erase a word', () =>
				edit((before, after) => [[...before.join('').replace(/\S+\s*$/, '')], after]),
			),
			binding(['ctrl-a', 'home'], 'to the start', () => edit((before, after) => [[], [...before, ...after]])),
			binding(['ctrl-e', 'end'], 'to the end', () => edit((before, after) => [[...before, ...after], []])),
			binding(['left', 'ctrl-b'], 'left', () =>
				edit((before, after) => [before.slice(0, -1), [...before.slice(-1), ...after]]),
			),
			binding(['right', 'ctrl-f'], 'right', () =>
				edit((before, after) => [[...before, ...after.slice(0, 1)], after.slice(1)]),
			),
		],
		{
			layer,
			modal: true,
			active,
			guardMs: props.guardMs,
			typeAhead: props.typeAhead,
			onText: (text) => edit((before, after) => [[...before, ...text], after]),
		},
	);

	if (value === '' && props.placeholder) {
		const hint = sliceCells(props.placeholder, 0, Math.max(0, width - 1));
		return (
			<Text>
				<Text inverse={active}> </Text>
				<Text dimColor>{hint}</Text>
			</Text>
		);
	}
	const { mask } = props;
	const characters = mask === undefined ? [...value] : [...value].map(() => mask);
	const at = latest.current.cursor;
	const before = characters.slice(0, at).join('');
	const under = characters[at] ?? ' ';
	const offset = Math.max(0, cellWidth(before) + cellWidth(under) - width);
	const head = sliceCells(before, offset, width);
	const room = Math.max(0, width - cellWidth(head) - cellWidth(under));
	return (
		<Text>
			{head}
			<Text inverse={active}>{under}</Text>
			{sliceCells(characters.slice(at + 1).join(''), 0, room)}
		</Text>
	);
};
