import type { EngineShell, UndoLook } from '../../../engine/shell.ts';
import type { PreconditionDefinition } from '../../../runbook/runbook.ts';
import { pathsAtStake } from '../restore-point/restore-point.ts';
import differences from './undo-differences.sh';
import looks from './undo-looks.sh';
import previews from './undo-previews.sh';
import state from './undo-state.sh';

/** POSIX sh that changes nothing, for the plan of an undo and again under the lock; see undo-state.sh for its environment. */
export const undoLibrary = ({ undo }: EngineShell): string => [pathsAtStake, undo.state, state].join('\n');

/** Id of the precondition that fails when there is nothing to undo. */
export const nothingDiffers = 'differs';

const gitLooks: readonly UndoLook[] = [
	{ id: 'git', title: 'The work tree is free and the saved commit exists', call: 'look_git' },
	{ id: 'local-changes', title: 'No conflicting local changes', call: 'look_local_changes', once: true },
];

/**
 * Returns the preconditions of an undo: each exits 0, or prints why not. Marked `once` are those that the undo's own steps make untrue, or
 * that are about the state before they began.
 */
export const undoPreconditions = (
	shell: EngineShell,
	{
		git,
		containers,
		custom,
	}: {
		readonly git: boolean;
		readonly containers: boolean;
		readonly custom: boolean;
	},
): readonly PreconditionDefinition[] => {
	const library = [undoLibrary(shell), shell.undo.differences, differences, shell.undo.looks, looks].join('\n');
	const { first, last } = shell.undo.preconditions;
	const all: readonly UndoLook[] = [
		{ id: 'restore-point', title: 'The restore point exists', call: 'look_restore_point' },
		...(containers ? first : []),
		...(git ? gitLooks : []),
		...(containers ? last : []),
		...(custom ? [] : [{ id: nothingDiffers, title: 'Something has changed since', call: 'look_differs', once: true }]),
	];
	return all.map(({ id, title, call, once }) => ({
		id,
		title,
		script: `${library}\n${call}\n`,
		...(once && { once }),
	}));
};

/** Returns the previews of an undo's plan. Diffs of files still contain secrets: code that shows them masks them. */
export const undoPreviews = (
	shell: EngineShell,
	{ git }: { readonly git: boolean },
): readonly { title: string; script: string }[] => {
	const library = [undoLibrary(shell), shell.undo.differences, differences, previews].join('\n');
	const showing = (title: string, call: string) => ({ title, script: `${library}\n${call}\n` });
	return [
		showing('Differences from the restore point', 'show_differences'),
		...(git ? [showing('Commits between', 'show_commits')] : []),
		showing('Files that are restored (- now, + before)', 'show_files'),
	];
};
