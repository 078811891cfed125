import { centred, Dialog } from '../../components/dialog.tsx';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { withOwnCommands } from '../../runbook/own-command.ts';

/**
 * Returns the rows of an error: what failed and why, where, its output, and what to do next.
 * @param target name of the target that commands in it are for
 */
export const errorRows = (error: unknown, doing: string, width: number, target: string): Line[] => {
	const message = messageOf(error);
	const facts = error instanceof BackoutError ? error : undefined;
	const rows: Line[] = [...wrap(message, width).map((row) => line(row, 'bad'))];
	const about = [doing === '' ? '' : `while ${doing}`, facts?.host === undefined ? '' : `on ${facts.host}`]
		.filter(Boolean)
		.join(' ');
	if (about !== '') {
		rows.push(...wrap(about, width).map((row) => line(row, 'muted')));
	}
	if (facts?.next !== undefined) {
		rows.push([], ...wrap(`Next: ${withOwnCommands(facts.next, target)}`, width).map((row) => [span(row, 'strong')]));
	}
	const printed = facts?.output?.trimEnd().split('\n').slice(-6) ?? [];
	if (printed.length > 0 && facts?.output?.trim() !== '') {
		rows.push([], ...printed.map((row) => line(row, 'muted')));
	}
	return rows;
};

/** Shows an error until it is closed. */
export const ErrorDialog = ({
	area,
	error,
	doing,
	target,
	onClose,
	onAttach,
}: {
	readonly area: Rect;
	readonly error: unknown;
	readonly doing: string;
	readonly target: string;
	readonly onClose: () => void;
	/** Shows the run that the error is about: the one with the lock, or with an unknown outcome. */
	readonly onAttach: (run: string) => void;
}) => {
	const width = Math.min(76, area.width);
	const run = error instanceof BackoutError ? error.run : undefined;
	const keys: Line = [
		span('Esc ', 'accent'),
		span('back', 'muted'),
		...(run === undefined ? [] : [span('   a ', 'accent'), span(`watch run ${run}`, 'muted')]),
	];
	const rows = [...errorRows(error, doing, width - 4, target), [], keys];
	useBindings(
		[
			{ keys: ['esc', 'enter', 'q'], label: 'close', run: onClose },
			{
				keys: ['a'],
				label: 'watch the run',
				when: run !== undefined,
				run: () => {
					onClose();
					if (run !== undefined) {
						onAttach(run);
					}
				},
			},
		],
		{ layer: 'dialog', modal: true },
	);
	return <Dialog rect={centred(area, width, rows.length + 2)} title="That did not work" tone="bad" rows={rows} />;
};
