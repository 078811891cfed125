import { engineVariables } from '../application/fleet/choose-engine.ts';
import { setDebugLog } from '../services/debug/debug-log.ts';
import { openDebugLog } from '../services/debug/open-debug-log.ts';

/** Variables that change what the program does, which are written to the log; others may contain anything. */
const told =
	/^(?:BACKOUT_.*|NO_COLOR|FORCE_COLOR|COLORTERM|TERM|TERM_PROGRAM|TMUX|LANG|LC_ALL|NODE_OPTIONS|INK_SCREEN_READER)$/;

/** Turns the debug log on and writes the program's version and environment. Throws `usage` when the file cannot be written. */
export const startDebugLog = (file: string, version: string): void => {
	const log = openDebugLog(file);
	const { stdin, stdout, versions, platform, arch, pid, argv, env } = process;
	log.write('start', {
		version,
		build: process.env.BACKOUT_BUILD,
		node: versions.node,
		platform,
		arch,
		pid,
		arguments: argv.slice(2),
		environment: Object.fromEntries(
			Object.entries(env).filter(([name]) => told.test(name) || engineVariables.includes(name)),
		),
		terminal: {
			input: stdin.isTTY === true,
			output: stdout.isTTY === true,
			columns: stdout.columns,
			rows: stdout.rows,
		},
	});
	process.once('exit', (exitCode) => log.write('end', { exitCode }));
	setDebugLog(log);
};
