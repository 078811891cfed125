import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { GlobalOptions } from './application/fleet/select-target.ts';
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
const setUpCommands = () => import('./commands/setup-commands.ts');

const jsonOption = () => new Option('--json', 'print JSON, one object per line');
const allowOption = () =>
	new Option('--allow <SERVICE:ASPECT:NAME>', 'a loss that the plan refuses and that is meant; repeat for more')
		.argParser((name: string, before: readonly string[]) => [...before, name])
		.default([], 'none');

const inputOption = () =>
	new Option('--input <NAME=VALUE>', 'value of an input; repeat for several').argParser(keyValue).default({}, 'none');

const exitCodes = `  0    done, and verified where there is something to verify; status: everything is healthy
  1    not healthy: a check failed or is unknown, a status is degraded or down; or a step failed
  2    usage, config or runbook error; nothing was contacted
  3    the target cannot be reached or trusted
  4    refused, nothing was changed: read-only, locked by another run, not confirmed, or a precondition is not met
  5    the steps succeeded, but verification did not pass
  6    outcome unknown: the connection was lost; the run may still be running on the host (see attach)
  130  cancelled by the operator`;

const program = new Command('backout')
	.description(
		'The screen you open when a deployment has gone wrong: live state, rollback procedures run on the host, and proof that the service is back. Without a command, it opens the dashboard.',
	)
	.version(manifest.version)
	.option('--config <FILE>', 'config file (default: ./backout.yaml, then the XDG config folder)')
	.option('--target <NAME>', 'target of the config to use (default: the first, or `default` of the config)')
	.option('--read-only', 'refuse everything that would change a host')
	.addOption(
		new Option('--theme <NAME>', 'colours of the screen and of printed text').choices(themeNames).env('BACKOUT_THEME'),
	)
	.option('--screen-reader', 'show the screen as lines of words, for a screen reader')
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
	.description('open the dashboard on a simulated host with an incident; everything is removed afterwards')
	.argument('[INCIDENT]', 'crash, failed-deployment, config, database or gateway', 'crash')
	.option('--serve', 'only start the demo host, print its config, and wait until ended')
	.addOption(jsonOption())
	.action((incident: string, options: { serve?: boolean; json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await setUpCommands()).demo(globals(command), incident, options)),
	);

program
	.command('status')
	.description('print what the dashboard shows, as text or NDJSON')
	.addOption(jsonOption())
	.option('--watch', 'keep running; print every change')
	.option('--all', 'all targets of the config, the worst first; exit with the code of the worst')
	.action((options: { json?: boolean; watch?: boolean; all?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			options.all === true
				? (await hostCommands()).statusAll(globals(command), options)
				: (await hostCommands()).status(globals(command), options),
		),
	);

program
	.command('targets')
	.description('show all targets of the config on one screen; Enter opens one')
	.action((_options, command: Command) =>
		run(false, async () =>
			(await import('./main.tsx')).dashboard(globals(command), { all: true, onTheme: printInTheme }),
		),
	);

program
	.command('verify')
	.description("run the runbook's checks for the settling time, and print the verdict")
	.option('--wait <DURATION>', 'wait until all checks pass, at most this long, e.g. 5m')
	.option('--now', 'run each check once; exit code 0 then only means that they pass at this moment')
	.addOption(jsonOption())
	.action((options: { json?: boolean; now?: boolean; wait?: string }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).verify(globals(command), options)),
	);

program
	.command('logs')
	.description('print logs of several services, merged by time; of all services when none is named')
	.argument('[SERVICE...]', 'services of the Compose project')
	.option('--since <WHEN>', 'start there: a duration such as 10m, a time, or `start` (of each container)')
	.option('-n, --tail <N>', 'show at most N of the newest lines per container, or `all`', 'all')
	.option('--grep <TEXT>', 'only lines with this text; ignores case unless the text has a capital letter')
	.option('-e, --regexp <PATTERN>', 'only lines that match this JavaScript regular expression')
	.option('-v, --invert', 'only lines that do not match')
	.option('-f, --follow', 'keep printing new lines, through restarts and new containers')
	.option('-t, --timestamps', 'put the timestamp from Docker before each line')
	.addOption(jsonOption())
	.action((services: string[], options: import('./commands/logs.ts').LogsOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).logs(globals(command), services, options)),
	);

program
	.command('procedures')
	.description('list the procedures, with their risk and inputs')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).procedures(globals(command), options)),
	);

program
	.command('inputs')
	.description('list the choices for each input of a procedure, read from the host')
	.argument('<PROCEDURE>')
	.addOption(jsonOption())
	.action((procedure: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).inputs(globals(command), procedure, options)),
	);

program
	.command('plan')
	.description('show exactly what would run; changes nothing')
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
	.description('run a procedure on the host, follow it, and verify the result')
	.argument('<PROCEDURE>')
	.addOption(inputOption())
	.addOption(allowOption())
	.option('--yes', 'skip the confirmation (disruptive procedures)')
	.option('--confirm <TEXT>', "the target's name, to confirm a destructive procedure")
	.option('--reason <TEXT>', 'why you run it; saved in the journal')
	.option('--detach', 'start the run and return')
	.addOption(jsonOption())
	.action((procedure: string, options: import('./commands/run.ts').RunOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).runProcedure(globals(command), procedure, options)),
	);

program
	.command('guard')
	.description('after a deployment, roll back automatically if the checks keep failing')
	.requiredOption('--for <DURATION>', 'how long to watch, e.g. 10m')
	.requiredOption(
		'--procedure <PROCEDURE>',
		'procedure that rolls back, e.g. rollback-commit; planned before the watch begins',
	)
	.addOption(inputOption())
	.option('--interval <DURATION>', 'time between two checks (default: a third of the settling time, at most 10s)')
	.option('--grace <DURATION>', 'ignore failures for this long at the start (default: the settling time)')
	.option('--yes', 'confirm a disruptive procedure in advance')
	.option('--confirm <TEXT>', "the target's name, to confirm a destructive procedure in advance")
	.option('--reason <TEXT>', 'what was deployed; saved in the journal with what failed')
	.addOption(jsonOption())
	.action((options: import('./commands/guard.ts').GuardOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).guard(globals(command), options)),
	);

program
	.command('runs')
	.description('list the runs, newest first')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).runs(globals(command), options)),
	);

program
	.command('attach')
	.description("show a run's output from its start, then live; verifies the run if nobody has")
	.argument('<RUN>', 'id of a run, the end of an id, or `last`')
	.addOption(jsonOption())
	.action((id: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).attach(globals(command), id, options)),
	);

program
	.command('continue')
	.description('answer a run that waits for you: the manual step is done, or cannot be done')
	.argument('<RUN>', 'id of a run, the end of an id, or `last`')
	.option('--give-up', 'the step cannot be done: stop the run')
	.option('--reason <TEXT>', 'what you did or found; saved in the journal')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/continue.ts').ContinueOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).continueRun(globals(command), id, options)),
	);

program
	.command('report')
	.description('print the incident report of a run, ready to paste into a post-mortem')
	.argument('<RUN>', 'id of a run, the end of an id, or `last`')
	.addOption(new Option('--format <FORMAT>', 'Markdown or JSON').choices(['md', 'json']).default('md'))
	.option('--output <FILE>', 'write it to this file, readable only by you')
	.option('--lines <N>', 'include at most N lines of output, the last ones (default 200)')
	.action((id: string, options: import('./commands/report.ts').ReportCommandOptions, command: Command) =>
		run(options.format === 'json', async () => (await hostCommands()).report(globals(command), id, options)),
	);

program
	.command('cancel')
	.description('stop a run on the host')
	.argument('<RUN>', 'id of a run, the end of an id, or `last`')
	.addOption(jsonOption())
	.action((id: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).cancel(globals(command), id, options)),
	);

program
	.command('undo')
	.description('undo a run from its restore point: plan it, confirm it, run it')
	.argument('<RUN>', 'id of a run, the end of an id, or `last`')
	.option('--yes', 'skip the confirmation (disruptive procedures)')
	.option('--confirm <TEXT>', "the target's name, to confirm when the undone procedure was destructive")
	.option('--reason <TEXT>', 'why you run it; saved in the journal')
	.option('--detach', 'start the run and return')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/run.ts').StartOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).undo(globals(command), id, options)),
	);

program
	.command('retry')
	.description('run a failed run again from the step that failed, with the same restore point')
	.argument('<RUN>', 'id of a run, the end of an id, or `last`')
	.option('--from-step <STEP>', 'start at an earlier step, by number or id')
	.option('--yes', 'skip the confirmation (disruptive procedures)')
	.option('--confirm <TEXT>', "the target's name, to confirm a destructive procedure")
	.option('--reason <TEXT>', 'why you run it; saved in the journal')
	.option('--detach', 'start the run and return')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/retry.ts').RetryOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).retry(globals(command), id, options)),
	);

program
	.command('restore-points')
	.description('list what was saved before each run, and can be restored')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).restorePoints(globals(command), options)),
	);

program
	.command('prune')
	.description('delete old runs and restore points, never the last known good')
	.addOption(new Option('--keep <N>', 'only restore points: keep the newest N (default 10)').conflicts('olderThan'))
	.option('--older-than <DURATION>', 'only restore points: delete those older than this, e.g. 30d')
	.option('--yes', 'do not ask for confirmation')
	.addOption(jsonOption())
	.action((options: import('./commands/prune.ts').PruneOptions, command: Command) =>
		run(options.json === true, async () => (await hostCommands()).prune(globals(command), options)),
	);

program
	.command('check')
	.description('validate a config or a runbook; errors have file:line:column')
	.argument('[FILE]')
	.addOption(jsonOption())
	.action((file: string | undefined, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await setUpCommands()).check(globals(command), file, options)),
	);

program
	.command('doctor')
	.description('check that this machine and the host are ready for a run')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await setUpCommands()).doctor(globals(command), options)),
	);

program
	.command('init')
	.description('write a config and a runbook for a Compose project found on a host')
	.argument('[HOST]', '[user@]host[:port], a Host of ~/.ssh/config, or `local`', 'local')
	.option('--project <NAME>', 'Compose project, if there are several')
	.option('--directory <DIR>', 'folder of the Compose file on the host')
	.option('--name <NAME>', 'name of the target (default: the project)')
	.option('--output <FOLDER>', 'folder to write the files to (default: the current one)')
	.option('--identity-file <FILE>', 'like ssh -i')
	.option('--known-hosts <FILE>', 'like ssh -o UserKnownHostsFile')
	.option('--ssh-config <FILE>', 'like ssh -F')
	.option('--jump <HOST>', 'like ssh -J, one hop')
	.action((host: string, options: import('./commands/init.ts').InitOptions) =>
		run(false, async () => (await setUpCommands()).init(host, options)),
	);

program
	.command('completion')
	.description('print the completion script of a shell: commands, targets, procedures, inputs')
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
