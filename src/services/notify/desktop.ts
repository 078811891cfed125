import { execFile } from 'node:child_process';
import type { Masked } from '../../runbook/masked.ts';

const commandTimeoutMs = 5000;

const markup = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const commandOf = (platform: NodeJS.Platform, title: string, text: string): readonly [string, readonly string[]] =>
	platform === 'darwin'
		? [
				'osascript',
				[
					...['on run argv', 'display notification (item 2 of argv) with title (item 1 of argv)', 'end run'].flatMap(
						(line) => ['-e', line],
					),
					title,
					text,
				],
			]
		: // The body may hold markup (Desktop Notifications Specification, 4.4); the text is not to be any.
			['notify-send', ['--app-name=backout', '--', title, markup(text)]];

/** Shows a notification on the desktop of this machine; the texts are arguments and reach no shell. Rejects with why not. */
export const notifyDesktop = (
	title: string,
	text: Masked<string>,
	{ platform, env }: { readonly platform: NodeJS.Platform; readonly env: NodeJS.ProcessEnv },
): Promise<void> => {
	const [file, args] = commandOf(platform, title, text);
	return new Promise((resolve, reject) => {
		execFile(file, args, { env, timeout: commandTimeoutMs }, (error, _stdout, stderr) => {
			if (error === null) {
				resolve();
				return;
			}
			const why = error.code === 'ENOENT' ? 'it is not installed' : error.killed ? 'no answer' : stderr.split('\n')[0];
			reject(new Error(`${file}: ${why || 'it failed'}`));
		});
	});
};
