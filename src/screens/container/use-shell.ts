import { useStdout } from 'ink';
import { useLentTerminal } from '../../components/use-lent-terminal.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import type { ShellPlace, Workspace } from '../../stores/workspace.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import { askedHost } from '../targets/target-status.ts';

/** Returns a text as a sentence: errors say what to do next with or without one. */
const sentence = (text: string): string =>
	`${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** The text above a shell. */
const greeting = (name: string, host: string): string =>
	[
		`Opening a shell in ${sanitiseText(name)} on ${sanitiseText(host)}. It is noted in the journal; what you change there has no plan and no`,
		'undo. exit, or Ctrl-D, comes back to backout.',
		'',
		'',
	].join('\r\n');

/** Opens a shell in a container on this terminal, in place of the screen, and says on the screen how it ended. */
export const useShell = (workspace: Workspace, tell: (text: string) => void): ((place: ShellPlace) => void) => {
	const { actions } = workspace;
	const lend = useLentTerminal();
	const { stdout } = useStdout();
	return (place) => {
		lend((terminal) => {
			stdout.write(greeting(place.name, askedHost(workspace)));
			return actions.openShell(place, terminal);
		}).then(
			({ said, noted }) => {
				tell(said);
				noted.catch((error: unknown) => tell(`${said} Its end is not in the journal: ${messageOf(error)}`));
			},
			(error: unknown) => {
				const next = error instanceof BackoutError && error.next !== undefined ? ` ${sentence(error.next)}` : '';
				tell(`There is no shell in ${place.name}: ${messageOf(error)}.${next}`);
			},
		);
	};
};
