import { type Command, Option } from 'commander';
import { examples, globals, hostCommands, jsonOption, run } from './define.ts';

/** Adds the commands that show, follow and answer runs. */
export const addRunCommands = (program: Command): void => {
	program
		.command('runs')
		.description('list the runs, newest first')
		.addOption(jsonOption())
		.action((options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).runs(globals(command), options)),
		);

	program
		.command('history')
		.description('list what was deployed, whoever did it, newest first')
		.addOption(jsonOption())
		.action((options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).history(globals(command), options)),
		);

	program
		.command('attach')
		.description("show a run's output from its start, then live; verifies the run if it has not been verified")
		.addHelpText('after', examples('attach last', 'attach 5e77c --json'))
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.addOption(jsonOption())
		.action((id: string, options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).attach(globals(command), id, options)),
		);

	program
		.command('continue')
		.description('answer a run that waits for you: the manual step is done, or cannot be done')
		.addHelpText('after', examples(`continue last --reason 'the new key is in'`, 'continue last --give-up'))
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.option('--give-up', 'the step cannot be done: stop the run')
		.option('--reason <TEXT>', 'what you did or found; saved in the journal')
		.addOption(jsonOption())
		.action((id: string, options: import('../commands/continue.ts').ContinueOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).continueRun(globals(command), id, options)),
		);

	program
		.command('approve')
		.description('approve the plan of a run that another operator has started and that waits for it')
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.option('--plan <HASH>', 'hash of the plan that you have read, instead of reading it here; at least 12 characters')
		.option('--reason <TEXT>', 'comment; saved in the journal')
		.addOption(jsonOption())
		.addHelpText('after', '\nTo reject it: backout continue RUN --give-up')
		.action((id: string, options: import('../commands/approve.ts').ApproveOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).approve(globals(command), id, options)),
		);

	program
		.command('report')
		.description('print the incident report of a run, ready to paste into a post-mortem')
		.addHelpText('after', examples('report last', 'report last --output incident.md'))
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.addOption(new Option('--format <FORMAT>', 'Markdown or JSON').choices(['md', 'json']).default('md'))
		.option('--output <FILE>', 'write it to this file, readable only by you')
		.option('--lines <N>', 'include at most N lines of output, the last ones (default 200)')
		.action((id: string, options: import('../commands/report.ts').ReportCommandOptions, command: Command) =>
			run(options.format === 'json', async () => (await hostCommands()).report(globals(command), id, options)),
		);

	program
		.command('cancel')
		.description('stop a run on the host')
		.addHelpText('after', examples('cancel last'))
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.addOption(jsonOption())
		.action((id: string, options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).cancel(globals(command), id, options)),
		);
};
