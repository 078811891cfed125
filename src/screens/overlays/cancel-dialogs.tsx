import type { Rect } from '../../components/panel.ts';
import { withOwnCommands } from '../../runbook/own-command.ts';
import type { Actions } from '../../stores/workspace.ts';
import { type Overlay, useNavigation } from '../navigation.ts';
import { ChoiceDialog } from './choice-dialog.tsx';

type OverlayOf<K extends Overlay['kind']> = Extract<Overlay, { kind: K }>;

/** Asks whether to cancel a run on the host, and cancels it. */
export const CancelDialog = ({
	area,
	overlay: { run, title },
	actions,
}: {
	readonly area: Rect;
	readonly overlay: OverlayOf<'cancel'>;
	readonly actions: Actions;
}) => {
	const navigation = useNavigation();
	const cancel = () => {
		navigation.close();
		navigation.tell(`Cancelling run ${run} …`);
		actions.cancel(run).then(
			({ lines, wayBack }) =>
				navigation.open({ kind: 'cancelled', run, title, lines, undoable: wayBack !== undefined }),
			(error: unknown) => navigation.open({ kind: 'error', error, doing: `cancelling run ${run}` }),
		);
	};
	return (
		<ChoiceDialog
			area={area}
			title={`Cancel ${title}?`}
			tone="warn"
			text={[
				`Run ${run} will be stopped on the host: the current step gets SIGTERM, then SIGKILL. What it has changed so far stays changed.`,
			]}
			choices={[
				{ label: 'Let it run', run: navigation.close },
				{ key: 'c', label: 'Cancel the run', run: cancel },
			]}
		/>
	);
};

/** Shows the result of a cancellation, and offers an undo. */
export const CancelledDialog = ({
	area,
	overlay: { run, title, lines, undoable },
	target,
}: {
	readonly area: Rect;
	readonly overlay: OverlayOf<'cancelled'>;
	/** Name of the target that commands are for. */
	readonly target: string;
}) => {
	const navigation = useNavigation();
	const undo = {
		key: 'U',
		label: 'Plan the undo',
		run: () => {
			navigation.close();
			navigation.go({ kind: 'undo', run, title });
		},
	};
	return (
		<ChoiceDialog
			area={area}
			title={`Cancelled: ${title}`}
			text={lines.map((text) => withOwnCommands(text, target))}
			choices={[{ label: 'Back', run: navigation.close }, ...(undoable ? [undo] : [])]}
		/>
	);
};
