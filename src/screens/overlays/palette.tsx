import { Box } from 'ink';
import { useState } from 'react';
import { centred, Dialog, inside } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { cut, fitLine, type Line, line, lineWidth, span, widthOf } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { moved, windowStart } from '../../components/scroll.ts';
import { selectedRow } from '../../components/table.ts';
import { TextInput } from '../../components/text-input.tsx';
import { matches } from '../dashboard/menu-rows.ts';

export interface Command {
	/** The typed command: `target staging`, `log postgres`, `quit`. */
	readonly name: string;
	readonly about: string;
	/** True when it leads to something that replaces data or stops the system. */
	readonly destructive?: boolean;
	readonly run: () => void;
}

/** Returns the commands that match a text: those that begin with it first. */
export const findCommands = (commands: readonly Command[], text: string): Command[] => {
	const found = commands.filter(({ name, about }) => matches(`${name} ${about}`, text.trim()));
	const starts = (command: Command) => command.name.startsWith(text.trim());
	return [...found.filter(starts), ...found.filter((command) => !starts(command))];
};

/** All actions, by name. A procedure opens its plan; none of them changes the host directly. */
export const Palette = ({
	area,
	commands,
	typed = () => undefined,
	initial,
	onClose,
}: {
	readonly area: Rect;
	readonly commands: readonly Command[];
	/** Returns a typed command that is not in the list. */
	readonly typed?: (text: string) => Command | undefined;
	readonly initial: string;
	readonly onClose: () => void;
}) => {
	const [text, setText] = useState(initial);
	const [chosen, setChosen] = useState<string>();
	const own = typed(text);
	const found = own === undefined ? findCommands(commands, text) : [own];
	const names = found.map(({ name }) => name);
	const selected = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
	const rect = centred(area, 76, Math.min(area.height, 18));
	const room = inside(rect).height - 2;
	const at = Math.max(0, names.indexOf(selected ?? ''));
	const from = windowStart(found.length, at, room);
	const shown = found.slice(from, from + room);
	const nameCells = Math.min(34, Math.floor(rect.width / 2), Math.max(0, ...shown.map(({ name }) => widthOf(name))));
	const rows: Line[] = shown.map(({ name, about, destructive = false }) => {
		// The name is what one types, so it is never cut for the sake of the rest.
		const left: Line = [
			span(name === selected ? '› ' : '  '),
			span(name + ' '.repeat(Math.max(0, nameCells - widthOf(name)))),
		];
		const room = rect.width - 4 - lineWidth(left);
		const row = fitLine(
			[...left, ...(room < 10 ? [] : [span(`  ${cut(about, room - 2)}`, destructive ? 'bad' : 'muted')])],
			rect.width - 4,
		);
		return name === selected ? selectedRow(row) : row;
	});
	const move = (by: number) => setChosen(moved(names, selected, by));
	const submit = () => {
		const command = found[at];
		onClose();
		command?.run();
	};
	useBindings(
		[
			{ keys: ['down', 'ctrl-n', 'tab'], label: 'down', group: 'Move', run: () => move(1) },
			{ keys: ['up', 'ctrl-p', 'shift-tab'], label: 'up', group: 'Move', run: () => move(-1) },
		],
		{ layer: 'prompt', typeAhead: true },
	);
	return (
		<>
			<Dialog
				rect={rect}
				title={found.length > room ? `Go to, ${at + 1} of ${found.length}` : 'Go to'}
				rows={[line(':', 'accent'), [], ...(rows.length === 0 ? [line('  nothing is called that', 'muted')] : rows)]}
			/>
			<Box position="absolute" left={rect.x + 3} top={rect.y + 1} width={rect.width - 6} height={1}>
				<TextInput
					value={text}
					onChange={setText}
					onSubmit={submit}
					onCancel={onClose}
					submitLabel="go"
					width={rect.width - 6}
					layer="dialog"
					typeAhead
				/>
			</Box>
		</>
	);
};
