import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { GlobalOptions } from './commands/context.ts';
import { reportError } from './commands/report-error.ts';

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

const jsonOption = () => new Option('--json', 'print JSON, one value a line');
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
	.showSuggestionAfterError()
	.allowExcessArguments(false)
	.exitOverride()
	.configureHelp({ showGlobalOptions: true })
	.addHelpText('after', `\nExit codes:\n${exitCodes}`);

const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

program.action((_options, command: Command) =>
	run(false, async () => (await import('./main.tsx')).dashboard(globals(command))),
);

program
	.command('demo')
	.description('the dashboard on an embedded demo host, in front of an incident; nothing of it stays')
	.argument('[INCIDENT]', 'crash, failed-deployment, config, database or gateway', 'crash')
	.option('--serve', 'start the demo host alone, print its config, and stay until ended')
	.addOption(jsonOption())
	.action((incident: string, options: { serve?: boolean; json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/demo.ts')).demo(globals(command), incident, options),
		),
	);

program
	.command('status')
	.description('what the dashboard shows, as text or NDJSON')
	.addOption(jsonOption())
	.option('--watch', 'go on, a line for each change')
	.action((options: { json?: boolean; watch?: boolean }, command: Command) =>
		run(options.json === true, async () => (await import('./commands/status.ts')).status(globals(command), options)),
	);

program
	.command('verify')
	.description("the runbook's checks and the verdict")
	.option('--wait <DURATION>', 'wait until all checks hold, at most so long, e.g. 5m')
	.addOption(jsonOption())
	.action((options: { json?: boolean; wait?: string }, command: Command) =>
		run(options.json === true, async () => (await import('./commands/verify.ts')).verify(globals(command), options)),
	);

program
	.command('procedures')
	.description('what can be run, with risk and inputs')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/procedures.ts')).procedures(globals(command), options),
		),
	);

program
	.command('inputs')
	.description('the live choices for each input of a procedure')
	.argument('<PROCEDURE>')
	.addOption(jsonOption())
	.action((procedure: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/inputs.ts')).inputs(globals(command), procedure, options),
		),
	);

program
	.command('plan')
	.description('exactly what would run; changes nothing')
	.argument('<PROCEDURE>')
	.addOption(inputOption())
	.addOption(jsonOption())
	.action((procedure: string, options: { json?: boolean; input: Record<string, string> }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/plan.ts')).plan(globals(command), procedure, options),
		),
	);

program
	.command('run')
	.description('run a procedure on the host, follow it, and verify')
	.argument('<PROCEDURE>')
	.addOption(inputOption())
	.option('--yes', 'answer the confirmation of a disruptive procedure')
	.option('--confirm <TEXT>', "the target's name, for a destructive procedure")
	.option('--reason <TEXT>', 'why; kept in the journal')
	.option('--detach', 'start it and leave')
	.addOption(jsonOption())
	.action((procedure: string, options: import('./commands/run.ts').RunOptions, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/run.ts')).runProcedure(globals(command), procedure, options),
		),
	);

program
	.command('runs')
	.description('the journal, newest first')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await import('./commands/runs.ts')).runs(globals(command), options)),
	);

program
	.command('attach')
	.description("a run's output from the start, then live; verifies it where nobody has")
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.addOption(jsonOption())
	.action((id: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/attach.ts')).attach(globals(command), id, options),
		),
	);

program
	.command('continue')
	.description('tell a run that waits for the operator that it is done, or that it is given up')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.option('--give-up', 'it cannot be done: the run stops there')
	.option('--reason <TEXT>', 'what was done or found; kept in the journal')
	.addOption(jsonOption())
	.action((id: string, options: import('./commands/continue.ts').ContinueOptions, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/continue.ts')).continueRun(globals(command), id, options),
		),
	);

program
	.command('report')
	.description('the incident report of a run, ready to paste into a post-mortem')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.addOption(new Option('--format <FORMAT>', 'Markdown or JSON').choices(['md', 'json']).default('md'))
	.option('--output <FILE>', 'write it to this file, readable by its owner only')
	.option('--lines <N>', 'at most so many of the last lines of output (default 200)')
	.action((id: string, options: import('./commands/report.ts').ReportCommandOptions, command: Command) =>
		run(options.format === 'json', async () =>
			(await import('./commands/report.ts')).report(globals(command), id, options),
		),
	);

program
	.command('cancel')
	.description('end a run on the host')
	.argument('<RUN>', 'a run id, the end of one, or `last`')
	.addOption(jsonOption())
	.action((id: string, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/cancel.ts')).cancel(globals(command), id, options),
		),
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
		run(options.json === true, async () => (await import('./commands/undo.ts')).undo(globals(command), id, options)),
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
		run(options.json === true, async () => (await import('./commands/retry.ts')).retry(globals(command), id, options)),
	);

program
	.command('restore-points')
	.description('what was kept before each run, and can be gone back to')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/restore-points.ts')).restorePoints(globals(command), options),
		),
	);

program
	.command('prune')
	.description('drop runs beyond the limits of the target, and old restore points; never the last known good')
	.addOption(new Option('--keep <N>', 'restore points alone: keep the newest N (default 10)').conflicts('olderThan'))
	.option('--older-than <DURATION>', 'restore points alone: drop those that are older, e.g. 30d')
	.option('--yes', 'do not ask')
	.addOption(jsonOption())
	.action((options: import('./commands/prune.ts').PruneOptions, command: Command) =>
		run(options.json === true, async () => (await import('./commands/prune.ts')).prune(globals(command), options)),
	);

program
	.command('check')
	.description('validate a config or a runbook; errors carry file:line:column')
	.argument('[FILE]')
	.addOption(jsonOption())
	.action((file: string | undefined, options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () =>
			(await import('./commands/check.ts')).check(globals(command), file, options),
		),
	);

program
	.command('doctor')
	.description('is everything there that a run will need, here and on the host?')
	.addOption(jsonOption())
	.action((options: { json?: boolean }, command: Command) =>
		run(options.json === true, async () => (await import('./commands/doctor.ts')).doctor(globals(command), options)),
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
		run(false, async () => (await import('./commands/init.ts')).init(host, options)),
	);

program
	.command('completion')
	.description('what a shell loads to complete commands, targets, procedures and inputs')
	.argument('<SHELL>', 'bash, zsh or fish')
	.action((shell: string) =>
		run(false, async () => (await import('./commands/completion/completion.ts')).completion(shell)),
	);

// Asked by the shells at every TAB, and by `npm run man`.
program
	.command('__complete', { hidden: true })
	.argument('[WORDS...]')
	.action((words: string[]) =>
		run(false, async () => (await import('./commands/completion/completion.ts')).complete(program, words)),
	);
program.command('__man', { hidden: true }).action(() =>
	run(false, async () => {
		const { manPage } = await import('./commands/completion/man-page.ts');
		const { treeOf } = await import('./commands/completion/tree.ts');
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
		// Help and version are not errors; anything else commander has already explained.
		process.exitCode = error.exitCode === 0 ? 0 : 2;
	} else {
		process.exitCode = reportError(error, false);
	}
}
