import { BackoutError } from '../../runbook/errors.ts';
import { maskSecrets } from '../../runbook/secrets.ts';

/** Maximum length of the output that is shown instead of a command's, characters. */
const mostShown = 120;

const shown = (text: string): string => {
	const line = text
		.split('\n')
		.map((part) => part.trim())
		.filter((part) => part !== '')
		.join(' / ');
	return maskSecrets(line.length > mostShown ? `${line.slice(0, mostShown - 1)}…` : line);
};

/**
 * Returns the error of a login that ran something other than the requested command, or nothing: the first line of our program, which
 * nothing else prints, did not arrive.
 *
 * @param came the output that arrived instead, of both streams; unsanitised
 * @param code the exit code of the command that ran
 */
export const noCommandRun = (host: string, came: string, code: number): BackoutError => {
	const text = shown(came);
	return new BackoutError(
		'failed',
		`this login runs no commands: ${text === '' ? `nothing was printed (exit code ${code})` : `it printed “${text}” instead`}`,
		{
			host,
			next: 'Look at a forced command (command= in authorized_keys, ForceCommand in sshd_config), at the login shell of the account, and at `exec` or `exit` in its startup files, such as ~/.bashrc.',
			output: came.slice(0, 4000),
		},
	);
};
