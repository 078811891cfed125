import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { programWords } from './command-line/called-as.ts';
import { globals, run, setUpCommands } from './command-line/define.ts';
import { addProcedureCommands } from './command-line/procedures.ts';
import { addRestoreCommands } from './command-line/restoring.ts';
import { addRunCommands } from './command-line/runs.ts';
import { addSetUpCommands } from './command-line/set-up.ts';
import { addWatchingCommands } from './command-line/watching.ts';
import { outliveOutput } from './commands/lost-output.ts';
import { afterScreen, masked, printInTheme, printJson } from './commands/print.ts';
import { reportError } from './commands/report-error.ts';
import { nearest } from './runbook/did-you-mean.ts';
import { calledAs } from './runbook/own-command.ts';
import { themeNames } from './runbook/preferences.ts';
import { sanitiseText } from './terminal/sanitise.ts';

const exitCodes = `  0    done, and verified where there is something to verify; status: everything is healthy
  1    not healthy: a check failed or is unknown, a status is degraded or down; or a step failed
  2    usage, config or runbook error; nothing was contacted
  3    the target cannot be reached or trusted
  4    refused, nothing was changed: read-only, locked by another run, not confirmed, or a precondition is not met
  5    the steps succeeded, but verification did not pass
  6    outcome unknown: the connection was lost; the run may still be running on the host (see attach)
  130  stopped by the operator; a run that was started continues on the host unless it was cancelled`;

const examples = `  $ backout demo                                       try it: a broken deployment on this machine, no server needed
  $ backout init root@203.0.113.7                      write a config for a host
  $ backout --target production                        the dashboard of one target
  $ backout status                                     the same as text, once
  $ backout inputs rollback-commit                     what a procedure can be given
  $ backout plan rollback-commit --full                every command it would run; changes nothing
  $ backout run rollback-commit --reason 'health fails'
  $ backout attach last                                follow the newest run
  $ backout undo last                                  go back to the state before it`;

const program = new Command('backout')
	.description(
		'The screen you open when a deployment has gone wrong: live state, rollback procedures run on the host, and proof that the service is back. Without a command, it opens the dashboard.',
	)
	.version(manifest.version)
	.option('--config <FILE>', 'config file (default: ./backout.yaml, then the XDG config folder)')
	.option(
		'--target <NAME>',
		'target of the config to use (default: `default` of the config, else the first; with several and no default, commands that change something ask for it)',
	)
	.option('--read-only', 'refuse everything that would change a host')
	.addOption(
		new Option('--theme <NAME>', 'colours of the screen and of printed text').choices(themeNames).env('BACKOUT_THEME'),
	)
	.option('--screen-reader', 'show the screen as lines of text, for a screen reader')
	.option('--debug-log <FILE>', 'write what the program does to this file (NDJSON, secrets masked), for a bug report')
	.showSuggestionAfterError()
	.allowExcessArguments(false)
	.exitOverride()
	.configureHelp({ showGlobalOptions: true })
	.addHelpText('after', `\nExamples:\n${examples}\n\nExit codes:\n${exitCodes}`);

program.hook('preAction', async (_program, command) => {
	const { theme, debugLog: file, config, target } = globals(command);
	printInTheme(theme ?? 'dark');
	calledAs({
		program: programWords({
			script: process.argv[1] ?? 'backout',
			node: process.execPath,
			nodeOptions: process.execArgv,
			cwd: process.cwd(),
			env: process.env,
		}),
		...(config !== undefined && { config: resolve(config) }),
		...(target !== undefined && { target }),
	});
	if (file !== undefined) {
		(await import('./commands/start-debug-log.ts')).startDebugLog(file, manifest.version);
	}
});

/** Ends the program when its first word is not a command: that is the mistake, whatever options follow. */
const refuseUnknownCommand = (): void => {
	const [unknown] = program.args;
	if (unknown !== undefined && !unknown.startsWith('-')) {
		const names = program
			.createHelp()
			.visibleCommands(program)
			.map((known) => known.name());
		const near = nearest(unknown, names);
		program.error(
			`error: unknown command '${sanitiseText(unknown)}'${near === undefined ? '' : `\n(Did you mean ${near}?)`}\nSee backout --help.`,
			{ code: 'commander.unknownCommand' },
		);
	}
};

program.action((_options, command: Command) => {
	refuseUnknownCommand();
	return run(false, async () => (await import('./main.tsx')).dashboard(globals(command), afterScreen));
});

// In the order of `backout --help`.
addWatchingCommands(program);
addProcedureCommands(program);
addRunCommands(program);
addRestoreCommands(program);
addSetUpCommands(program);

// Makes an unknown word an argument of the dashboard, whose action refuses it. Set after the commands were added: they have copied the
// other setting.
program.allowExcessArguments();

// Called by the shells at every TAB, and by `npm run man`.
program
	.command('__complete', { hidden: true })
	.argument('[WORDS...]')
	.action((words: string[]) => run(false, async () => (await setUpCommands()).complete(program, words)));
program.command('__man', { hidden: true }).action(() =>
	run(false, async () => {
		const { manPage, treeOf } = await setUpCommands();
		process.stdout.write(manPage(treeOf(program), { version: manifest.version, exitCodes, examples }));
		return 0;
	}),
);

// Options are parsed before a command is looked up: `backout stauts --json` would be reported as an unknown option. Commander's types leave
// this method out.
const checked = program as Command & { unknownOption(flag: string): void };
const unknownOption = checked.unknownOption.bind(program);
checked.unknownOption = (flag) => {
	refuseUnknownCommand();
	unknownOption(flag);
};

outliveOutput();

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) {
		// Help and version are not errors; anything else commander has already explained.
		process.exitCode = error.exitCode === 0 ? 0 : 2;
		if (error.exitCode !== 0 && process.argv.includes('--json')) {
			printJson(
				masked({
					type: 'error',
					code: 'usage',
					message: error.message.replace(/^error: /, ''),
					host: null,
					next: 'see `backout --help`',
					exitCode: 2,
				}),
			);
		}
	} else {
		process.exitCode = reportError(error, process.argv.includes('--json'));
	}
}
