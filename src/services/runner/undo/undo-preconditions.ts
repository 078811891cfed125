import containerFacts from '../../../engines/compose/container-facts.sh';
import { pathsAtStake } from '../restore-point/restore-point.ts';
import differences from './undo-differences.sh';
import looks from './undo-looks.sh';
import previews from './undo-previews.sh';
import state from './undo-state.sh';

/** POSIX sh that only looks, for the plan of an undo and again under the lock; see undo-state.sh for its environment. */
export const undoLibrary: string = [pathsAtStake, containerFacts, state].join('\n');

interface Look {
	readonly id: string;
	readonly title: string;
	readonly script: string;
}

const looking = (id: string, title: string, ask: string): Look => ({
	id,
	title,
	script: `${[undoLibrary, differences, looks].join('\n')}\n${ask}\n`,
});

const showing = (title: string, ask: string): { readonly title: string; readonly script: string } => ({
	title,
	script: `${[undoLibrary, differences, previews].join('\n')}\n${ask}\n`,
});

/** Id of the precondition that does not hold when there is nothing to undo. */
export const nothingDiffers = 'differs';

/** Preconditions that the undo's own steps make untrue, or that are about what was there before they began. */
export const onlyBefore: readonly string[] = [nothingDiffers, 'local-changes', 'compose'];

/** What must hold for an undo: each exits 0, or prints why not. */
export const undoPreconditions = ({
	git,
	containers,
	custom,
}: {
	readonly git: boolean;
	readonly containers: boolean;
	readonly custom: boolean;
}): readonly Look[] => [
	looking('restore-point', 'The restore point exists', 'look_restore_point'),
	...(containers
		? [
				looking('docker', 'Docker answers', 'look_docker'),
				looking('images', 'The earlier images still exist', 'look_images'),
			]
		: []),
	...(git
		? [
				looking('git', 'The work tree is free and the saved commit exists', 'look_git'),
				looking('local-changes', 'No conflicting local changes', 'look_local_changes'),
			]
		: []),
	...(containers ? [looking('compose', 'Compose can create the earlier containers', 'look_compose')] : []),
	...(custom ? [] : [looking(nothingDiffers, 'Something has changed since', 'look_differs')]),
];

/** What the plan of an undo shows. The differences of files still hold secrets: whoever shows them masks them. */
export const undoPreviews = ({ git }: { readonly git: boolean }): readonly { title: string; script: string }[] => [
	showing('Differences from the restore point', 'show_differences'),
	...(git ? [showing('Commits between', 'show_commits')] : []),
	showing('Files that are restored (- now, + before)', 'show_files'),
];
