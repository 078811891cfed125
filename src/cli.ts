import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { GlobalOptions } from './application/select-target.ts';
import { printInTheme, printJson } from './commands/print.ts';
import { reportError } from './commands/report-error.ts';
import { themeNames } from './runbook/preferences.ts';

const keyValue = (given: string, all: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
	const at = given.indexOf('=');
	if (at <= 0) {
		throw new InvalidArgumentError('It must be NAME=VALUE.');
	}
	return { ...all, [given.slice(0, at)]: given.slice(at + 1) };
};

/**
 * Runs a command's module, loaded only now, and turns its outcome into the exit code.
 * `process.exitCode` and not `process.exit`, so that all output is written first.
 */
const run = async (json: boolean, command: () => Promise<number>): Promise<void> => {
	try {
		process.exitCode = await command();
	} catch (error) {
		process.exitCode = reportError(error, json);
	}
};

/** Together, as most of each is what they share: a file more is a millisecond more of every start. */
const hostCommands = () => import('./commands/host-commands.ts');
const setUpCommands = () => import('./commands/set-up-commands.ts');

const jsonOption = () => new Option('--json', 'print JSON, one value a line');
const allowOption = () =>
	new Option('--allow <SERVICE:ASPECT:NAME>', 'a loss that the plan refuses and that is meant; repeat for more')
		.argParser((name: string, before: readonly string[]) => [...before, name])
		.default([], 'none');

const inputOption = () =>
	new Option('--input <NAME=VALUE>', 'a value for an input; repeat for more').argParser(keyValue).default({}, 'none');

const exitCodes = `  0    done and, where there is something to verify, verified; status: all well
  1    the host is not well: a check failed, a status is degraded or down; or a step failed
  2    usage, config or runbook error; nothing was contacted
  3    the target cannot be reached or trusted
  4    refused: read-only, lock held, confirmation missing or wrong, precondition not met; nothing was changed
  5    the steps succeeded but verification did not
  6    outcome unknown: the link was lost; the run may still be going on the host (attach tells)
  130  cancelled by the operator`;

const program = new Command('backout')
	.description(
		'The screen you open when a deployment has gone wrong: live state, rollback procedures run on the host, and proof that the service is back. Without a command: the dashboard.',
	)
	.version(manifest.version)
	.option('--config <FILE>', 'config file (default: ./backout.yaml, then the XDG config folder)')
	.option('--target <NAME>', 'which target of the config')
	.option('--read-only', 'make every change impossible')
	.addOption(
		new Option('--theme <NAME>', 'colours of the screen and of what is printed')
			.choices(themeNames)
			.env('BACKOUT_THEME'),
	)
	.option('--screen-reader', 'the screen as lines of words, to be read aloud')
	.option('--debug-log <FILE>', 'write what the program does to this file (NDJSON, secrets masked), for a bug report')
	.showSuggestionAfterError()
	.allowExcessArguments(false)
	.exitOverride()
	.configureHelp({ showGlobalOptions: true })
	.addHelpText('after', `\nExit codes:\n${exitCodes}`);

program.hook('preAction', async (_program, command) => {
	const { theme, debugLog: file } = globals(command);
	printInTheme(theme ?? 'dark');
	if (file !== undefined) {
		(await import('./commands/start-debug-log.ts')).startDebugLog(file, manifest.version);
	}
});

const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

program.action((_options, command: Command) =>
	run(false, async () => (await import('./main.tsx')).dashboard(globals(command), { onTheme: printInTheme })),
);

program
	.command('demo')
	.description('the dashboard on an embedded demo host, in front of an incident; nothing of it stays')
	.argument('[INCIDENT]', 'crash, failed-deployment, config, database or gateway', 'crash')
	.option('--serve', 'start the demo host alone, print its config, and stay until ended')
	.addOption(jsonOption())
	.action((incident: string, options: { serve?: boolean; json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await setUpCommands()).demo(globals(command), incident, options)),
	);

program
	.command('status')
	.description('what the dashboard shows, as text or NDJSON')
	.addOption(jsonOption())
	.option('--watch', 'go on, a line for each change')
	.option('--all', 'all targets of the config, the worst first; the exit code is that of the worst')
	.action((options: { json?: boolean; watch?: boolean; all?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			options.all === true
				? (await hostCommands()).statusAll(globals(command), options)
				: (await hostCommands()).status(globals(command), options),
		),
	);

program
	.command('targets')
	.description('all targets of the config at a glance; enter opens the dashboard of one')
	.action((_options, command: Command) =>
		run(false, async () =>
			(await import('./main.tsx')).dashboard(globals(command), { all: true, onTheme: printInTheme }),
		),
	);

program
	.command('verify')
	.description("watch the runbook's checks for the settling time, and give the verdict")
	.option('--wait <DURATION>', 'wait until all checks hold, at most so long, e.g. 5m')
	.option('--now', 'look at each check once: exit code 0 then only says that they pass at this moment')
	.addOption(jsonOption())
	.action((options: { json?: boolean; now?: boolean; wait?: string }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).verify(globals(command), options)),
	);

program
	.command('logs')
	.description('logs of services together, in the order of their times; without a name, of all')
	.argument('[SERVICE...]', 'services of the Compose project')
	.option('--since <WHEN>', 'from then on: a duration such as 10m, a time, or `start` (of each container)')
	.option('-n, --tail <N>', 'at most so many of the newest lines of each container, or `all`', 'all')
	.option('--grep <TEXT>', 'only lines with this text; letters of either case, unless it has a capital')
	.option('-e, --regexp <PATTERN>', 'only lines that match this regular expression (JavaScript)')
	.option('-v, --invert', 'only lines that do not match')
	.option('-f, --follow', 'go on, also into the next container after a restart')
	.option('-t, --timestamps', "put Docker's times before the lines")
	.addOption(jsonOption())
	.action((services: string[], options: import('./commands/logs.ts').LogsOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).logs(globals(command), services, options)),
	);

program
	.command('procedures')
	.description('what can be run, with risk and inputs')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).procedures(globals(command), options)),
	);

program
	.command('inputs')
	.description('the live choices for each input of a procedure')
	.argument('<PROCEDURE>')
	.addOption(jsonOption())
	.action((procedure: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).inputs(globals(command), procedure, options)),
	);

program
	.command('plan')
	.description('exactly what would run; changes nothing')
	.argument('<PROCEDURE>')
	.addOption(inputOption())
	.addOption(allowOption())
	.addOption(jsonOption())
	.action(
		(
			procedure: string,
			options: { json?: boolean; input: Record<string, string>; allow: readonly string[] },
			command: Command,
		) => run(options.json === true, async () => (await hostCommands()).plan(globals(command), procedure, options)),
	);

program
	.command('run')
	.description('run a procedure on the host, follow it, and verify')
	.argument('<PROCEDURE>')
	.addOption(inputOption())
	.addOption(allowOption())
	.option('--yes', 'answer the confirmation of a disruptive procedure')
	.option('--confirm <TEXT>', "the target's name, for a destructive procedure")
	.option('--reason <TEXT>', 'why; kept in the journal')
	.option('--detach', 'start it and leave')
	.addOption(jsonOption())
	.action((procedure: string, options: import('./commands/run.ts').RunOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).runProcedure(globals(command), procedure, options)),
	);

program
	.command('guard')
	.description('watch after a deployment, and run a procedure by itself when the checks fail for long enough')
	.requiredOption('--for <DURATION>', 'how long to watch, e.g. 10m')
	.requiredOption('--procedure <PROCEDURE>', 'what to run then, e.g. rollback-commit; it is planned before it watches')
	.addOption(inputOption())
	.option('--interval <DURATION>', 'between two looks (default: a third of the settling time, 10s at most)')
	.option('--grace <DURATION>', 'at the beginning, in which a failure does not count (default: the settling time)')
	.option('--yes', 'consent in advance to a disruptive procedure')
	.option('--confirm <TEXT>', "the target's name: consent in advance to a destructive procedure")
	.option('--reason <TEXT>', 'what was deployed; kept in the journal with what failed')
	.addOption(jsonOption())
	.action((options: import('./commands/guard.ts').GuardOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).guard(globals(command), options)),
	);

program
	.command('runs')
	.description('the journal, newest first')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).runs(globals(command), options)),
	);

program
	.command('attach')
	.description("a run's output from the start, then live; verifies it where nobody has")
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.addOption(jsonOption())
	.action((id: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).attach(globals(command), id, options)),
	);

program
	.command('continue')
	.description('tell a run that waits for the operator that it is done, or that it is given up')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.option('--give-up', 'it cannot be done: the run stops there')
	.option('--reason <TEXT>', 'what was done or found; kept in the journal')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/continue.ts').ContinueOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).continueRun(globals(command), id, options)),
	);

program
	.command('report')
	.description('the incident report of a run, ready to paste into a post-mortem')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.addOption(new Option('--format <FORMAT>', 'Markdown or JSON').choices(['md', 'json']).default('md'))
	.option('--output <FILE>', 'write it to this file, readable by its owner only')
	.option('--lines <N>', 'at most so many of the last lines of output (default 200)')
	.action((id: string, options: import('./commands/report.ts').ReportCommandOptions, command: Command) =>
		run(options.format === 'json', async () => (await hostCommands()).report(globals(command), id, options)),
	);

program
	.command('cancel')
	.description('end a run on the host')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.addOption(jsonOption())
	.action((id: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).cancel(globals(command), id, options)),
	);

program
	.command('undo')
	.description('plan and run the way back of a run, from its restore point')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.option('--yes', 'answer the confirmation of a disruptive procedure')
	.option('--confirm <TEXT>', "the target's name, where the undone procedure was destructive")
	.option('--reason <TEXT>', 'why; kept in the journal')
	.option('--detach', 'start it and leave')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/run.ts').StartOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).undo(globals(command), id, options)),
	);

program
	.command('retry')
	.description('plan and run a run that failed again, from the step that failed, with the same way back')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.option('--from-step <STEP>', 'begin with an earlier step: its number or id')
	.option('--yes', 'answer the confirmation of a disruptive procedure')
	.option('--confirm <TEXT>', "the target's name, for a destructive procedure")
	.option('--reason <TEXT>', 'why; kept in the journal')
	.option('--detach', 'start it and leave')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/retry.ts').RetryOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).retry(globals(command), id, options)),
	);

program
	.command('restore-points')
	.description('what was kept before each run, and can be gone back to')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).restorePoints(globals(command), options)),
	);

program
	.command('prune')
	.description('drop runs beyond the limits of the target, and old restore points; never the last known good')
	.addOption(new Option('--keep <N>', 'restore points alone: keep the newest N (default 10)').conflicts('olderThan'))
	.option('--older-than <DURATION>', 'restore points alone: drop those that are older, e.g. 30d')
	.option('--yes', 'do not ask')
	.addOption(jsonOption())
	.action((options: import('./commands/prune.ts').PruneOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).prune(globals(command), options)),
	);

program
	.command('check')
	.description('validate a config or a runbook; errors carry file:line:column')
	.argument('[FILE]')
	.addOption(jsonOption())
	.action((file: string | undefined, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await setUpCommands()).check(globals(command), file, options)),
	);

program
	.command('doctor')
	.description('is everything there that a run will need, here and on the host?')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await setUpCommands()).doctor(globals(command), options)),
	);

program
	.command('init')
	.description('look at a host and write a config and a runbook for a Compose project on it')
	.argument('[HOST]', '[user@]host[:port], a Host of ~/.ssh/config, or `local`', 'local')
	.option('--project <NAME>', 'which Compose project, where there are several')
	.option('--directory <DIR>', 'the folder of its Compose file on the host')
	.option('--name <NAME>', 'what the target is called (default: the project)')
	.option('--output <FOLDER>', 'where the files are written (default: here)')
	.option('--identity-file <FILE>', 'as ssh -i')
	.option('--known-hosts <FILE>', 'as ssh -o UserKnownHostsFile')
	.option('--ssh-config <FILE>', 'as ssh -F')
	.option('--jump <HOST>', 'as ssh -J, one hop')
	.action((host: string, options: import('./commands/init.ts').InitOptions) =>
		run(false, async () => (await setUpCommands()).init(host, options)),
	);

program
	.command('completion')
	.description('what a shell loads to complete commands, targets, procedures and inputs')
	.argument('<SHELL>', 'bash, zsh or fish')
	.action((shell: string) => run(false, async () => (await setUpCommands()).completion(shell)));

// Asked by the shells at every TAB, and by `npm run man`.
program
	.command('__complete', { hidden: true })
	.argument('[WORDS...]')
	.action((words: string[]) => run(false, async () => (await setUpCommands()).complete(program, words)));
program.command('__man', { hidden: true }).action(() =>
	run(false, async () => {
		const { manPage, treeOf } = await setUpCommands();
		process.stdout.write(manPage(treeOf(program), { version: manifest.version, exitCodes }));
		return 0;
	}),
);

// Whoever reads the output may stop early, as `| head` does: there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code === 'EPIPE') {
		process.exit();
	}
	throw error;
});

try {
	await program.parseAsync();
} catch (error) {
	if (error instanceof CommanderError) {
		// Help and version are not errors; anything else commander has already explained to a person.
		process.exitCode = error.exitCode === 0 ? 0 : 2;
		if (error.exitCode !== 0 && process.argv.includes('--json')) {
			printJson({
				type: 'error',
				code: 'usage',
				message: error.message.replace(/^error: /, ''),
				host: null,
				next: 'see `backout --help`',
				exitCode: 2,
			});
		}
	} else {
		process.exitCode = reportError(error, process.argv.includes('--json'));
	}
}
