import { type Command, Option } from 'commander';
import { allowOption, examples, globals, hostCommands, jsonOption, run } from './define.ts';

/** Adds the commands that use restore points: undo, retry, unblock, unlock, restore-points, prune. */
export const addRestoreCommands = (program: Command): void => {
	program
		.command('undo')
		.description('undo a run from its restore point: plan it, confirm it, run it')
		.addHelpText('after', examples('undo last', `undo last --yes --reason 'the older commit is no better'`))
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.option('--yes', 'skip the confirmation (disruptive procedures)')
		.option('--confirm <TEXT>', "the target's name, to confirm when the undone procedure was destructive")
		.option('--reason <TEXT>', 'why you run it; saved in the journal')
		.option('--detach', 'start the run and return')
		.addOption(allowOption())
		.addOption(jsonOption())
		.action((id: string, options: import('../commands/undo.ts').UndoOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).undo(globals(command), id, options)),
		);

	program
		.command('retry')
		.description('run a failed run again from the step that failed, with the same restore point')
		.addHelpText('after', examples('retry last', 'retry last --from-step build'))
		.argument('<RUN>', 'id of a run, the end of an id, or `last`')
		.option('--from-step <STEP>', 'start at an earlier step, by number or id')
		.option('--yes', 'skip the confirmation (disruptive procedures)')
		.option('--confirm <TEXT>', "the target's name, to confirm a destructive procedure")
		.option('--reason <TEXT>', 'why you run it; saved in the journal')
		.option('--detach', 'start the run and return')
		.addOption(allowOption())
		.addOption(jsonOption())
		.action((id: string, options: import('../commands/retry.ts').RetryOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).retry(globals(command), id, options)),
		);

	program
		.command('unblock')
		.alias('release')
		.description('allow a version that was rolled back to be deployed again')
		.argument(
			'[VERSION]',
			'its commit, image id, or the run that rolled it back (default: the only one that is blocked)',
		)
		.requiredOption('--reason <TEXT>', 'why it may be deployed again; saved on the host')
		.addOption(jsonOption())
		.addHelpText('after', `\nExamples:\n  $ backout unblock --reason 'the database was the cause'`)
		.action((version: string | undefined, options: import('../commands/unblock.ts').UnblockOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).unblock(globals(command), version, options)),
		);

	program
		.command('unlock')
		.description('give up the lock of a run whose host is gone for good')
		.addHelpText('after', examples(`unlock 5e77c --confirm production --reason 'node-1 has burnt down'`))
		.argument('<RUN>', 'id of the run that has the lock, or the end of an id')
		.option('--confirm <TEXT>', "the target's name, to confirm it")
		.option('--reason <TEXT>', 'why nothing of that run goes on; saved on the host')
		.addOption(jsonOption())
		.action((id: string, options: import('../commands/unlock.ts').UnlockOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).unlock(globals(command), id, options)),
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
		.addHelpText('after', examples('prune --older-than 30d'))
		.addOption(new Option('--keep <N>', 'only restore points: keep the newest N (default 10)').conflicts('olderThan'))
		.option('--older-than <DURATION>', 'only restore points: delete those older than this, e.g. 30d')
		.option('--yes', 'do not ask for confirmation')
		.addOption(jsonOption())
		.action((options: import('../commands/prune.ts').PruneOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).prune(globals(command), options)),
		);
};
