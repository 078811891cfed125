import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { StaticBlock } from '../../components/live-block.tsx';
import { panelRows, type Rect } from '../../components/panel.ts';
import { WaitingFor } from '../../components/spinner.tsx';
import { errorRows } from '../overlays/error-dialog.tsx';

/** Something in progress; leaving it aborts it. */
export const Pending = ({
	rect,
	what,
	since,
	onBack,
}: {
	readonly rect: Rect;
	readonly what: string;
	readonly since: number;
	readonly onBack: () => void;
}) => {
	useBindings([{ keys: ['esc', 'q'], label: 'back', run: onBack }]);
	return <WaitingFor rect={rect} what={what} since={since} />;
};

/** A failure: its reason, with a choice to retry or go back. */
export const Problem = ({
	rect,
	error,
	doing,
	target,
	onAgain,
	onBack,
}: {
	readonly rect: Rect;
	readonly error: unknown;
	readonly doing: string;
	/** Name of the target that commands are for. */
	readonly target: string;
	readonly onAgain: () => void;
	readonly onBack: () => void;
}) => {
	useBindings([
		{ keys: ['R', 'enter'], label: 'try again', run: onAgain },
		{ keys: ['esc', 'q'], label: 'back', run: onBack },
	]);
	const rows = errorRows(error, doing, rect.width - 4, target).map((row) => [
		{ text: '  ', tone: 'plain' as const },
		...row,
	]);
	return (
		<StaticBlock rect={rect} rows={panelRows({ title: 'That did not work', focused: false }, [[], ...rows], rect)} />
	);
};
