import type { ShellNote } from '../../../runbook/shell-note.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import onDisk from '../host/on-disk.sh';
import { createState, locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import script from './append-shell.sh';
import appendTo from './append-to.sh';

/** Maximum number of lines that are read, the last ones: a shell has two. */
const mostRead = 1000;

/**
 * Notes on the host, for everybody, that a shell in a container was opened or has ended. Throws BackoutError: `refused` on a read-only
 * connection and where it cannot be written, and what `runScript` throws.
 */
export const noteShell = async (
	host: Host,
	options: StateOptions,
	note: ShellNote,
	signal?: AbortSignal,
): Promise<void> => {
	assertWritable(host, 'opening a shell in a container');
	await runScript(host, script, {
		purpose: 'note in the journal that a shell was opened',
		prelude: [onDisk, locateState, createState, appendTo],
		variables: { ...stateValues(options), line: JSON.stringify(note) },
		signal,
	});
};

/**
 * Lists the notes of shells in the deployment's containers, the oldest first; damaged ones are left out. Throws what `runScript` throws.
 */
export const listShells = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<readonly ShellNote[]> => {
	const { stdout } = await runScript(host, 'locate_state; tail -n "$most" "$state/shells" 2>/dev/null; true', {
		purpose: 'read which shells were opened',
		prelude: [locateState],
		variables: { ...stateValues(options), most: String(mostRead) },
		signal,
	});
	const [{ linesOf }, { shellNote }] = await Promise.all([
		import('./lines-of.ts'),
		import('../../../runbook/shapes/shell-note.ts'),
	]);
	return linesOf(shellNote, stdout);
};
