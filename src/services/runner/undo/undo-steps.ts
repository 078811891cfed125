import type { EngineShell, UndoStep } from '../../../engine/shell.ts';
import type { PlanStep } from '../../../runbook/plan.ts';
import filesScript from './undo-files.sh';
import gitScript from './undo-git.sh';
import { undoLibrary } from './undo-preconditions.ts';

/** A script that a step of the undone run left for its own undo: `NN-name.sh` and its text. */
export interface CustomUndo {
	readonly name: string;
	readonly script: string;
}

const putGitBack: UndoStep = {
	id: 'git',
	title: 'Restore commit, branch and local changes',
	script: gitScript,
	summary:
		'git reset --keep to the saved commit, on its branch (or none); current local changes stay, and saved ones that are missing come back.',
	timeoutSeconds: 120,
};

const putFilesBack: UndoStep = {
	id: 'files',
	title: 'Restore .env, Compose files and other saved files',
	script: filesScript,
	summary: 'Only those that differ; each is written beside the old one and renamed into place, with its saved mode.',
	timeoutSeconds: 120,
};

const customStep = ({ name, script }: CustomUndo): PlanStep => {
	const id = name.replace(/\.sh$/, '');
	return {
		id: `undo-${id}`,
		title: `Run its own undo script: ${id}`,
		kind: 'run',
		script,
		timeoutSeconds: 1800,
	};
};

/** Returns the steps of an undo that change something, after the current state was saved. The last custom script goes first. */
export const undoSteps = (
	shell: EngineShell,
	{
		git,
		containers,
		custom,
	}: {
		readonly git: boolean;
		readonly containers: boolean;
		readonly custom: readonly CustomUndo[];
	},
): readonly PlanStep[] => {
	const library = undoLibrary(shell);
	const step = ({ id, title, script, summary, timeoutSeconds }: UndoStep): PlanStep => ({
		id,
		title,
		kind: 'run',
		script: `${library}\n${script}`,
		summary,
		timeoutSeconds,
	});
	return [
		...(containers && custom.length > 0 ? [step(shell.undo.stop)] : []),
		...[...custom].sort((a, b) => (a.name < b.name ? 1 : -1)).map(customStep),
		...(git ? [step(putGitBack)] : []),
		step(putFilesBack),
		...(containers ? shell.undo.steps.map(step) : []),
	];
};
