import { useMemo } from 'react';
import { centred, Dialog } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { line, span, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { ownCommand } from '../../runbook/own-command.ts';

/** Shows the command that prints the state of this target, in full: with its config it is longer than a row. */
export const TerminalDialog = ({
	area,
	target,
	onClose,
}: {
	readonly area: Rect;
	readonly target: string;
	readonly onClose: () => void;
}) => {
	const width = Math.min(100, area.width);
	const command = useMemo(() => ownCommand(['status'], target), [target]);
	useBindings([{ keys: ['esc', 'enter', 'q'], label: 'close', run: onClose }], { layer: 'dialog', modal: true });
	const rows = [
		...wrap(
			'In another terminal this prints what the dashboard shows, and so works every other command:',
			width - 4,
		).map((row) => line(row, 'muted')),
		[],
		...wrap(command, width - 4).map((row) => [span(row, 'strong')]),
		[],
		line('It was sent to the clipboard of this terminal, too.', 'muted'),
	];
	return <Dialog rect={centred(area, width, rows.length + 2)} title="In another terminal" rows={rows} />;
};
