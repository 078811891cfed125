import { type Command, Option } from 'commander';
import {
	allowLossOption,
	allowOption,
	globals,
	hostCommands,
	inputOption,
	jsonOption,
	run,
	waitOption,
} from './define.ts';

/** Adds the commands that plan and run a procedure: procedures, inputs, plan, run, deploy, with-lock, guard. */
export const addProcedureCommands = (program: Command): void => {
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
		.addHelpText('after', `\nExamples:\n  $ backout inputs rollback-commit\n  $ backout inputs config-error --json`)
		.action((procedure: string, options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).inputs(globals(command), procedure, options)),
		);

	program
		.command('plan')
		.description('show exactly what would run; changes nothing')
		.argument('<PROCEDURE>')
		.addOption(inputOption())
		.addOption(allowOption())
		.option('--full', 'also show every command with its values, and whole excerpts of logs')
		.addOption(jsonOption())
		.addHelpText(
			'after',
			`\nExamples:\n  $ backout plan rollback-commit\n  $ backout plan rollback-commit --input commit=3f2a91c --full`,
		)
		.action(
			(
				procedure: string,
				options: { json?: boolean; full?: boolean; input: Record<string, string>; allow: readonly string[] },
				command: Command,
			) => run(options.json === true, async () => (await hostCommands()).plan(globals(command), procedure, options)),
		);

	addRun(program);
	addDeploy(program);

	program
		.command('with-lock')
		.description('run a command on the host under the lock, as a run in the journal: a deployment by a pipeline')
		.argument('<COMMAND...>', 'the command and its arguments, after --')
		.addOption(waitOption())
		.option('--timeout <DURATION>', 'end the command after this time', '1h')
		.option('--verify', 'verify the deployment afterwards, by the checks of the runbook')
		.option('--no-restore-point', 'save nothing first: there will be no undo')
		.option('--reason <TEXT>', 'what is deployed; saved in the journal')
		.addOption(jsonOption())
		.addHelpText(
			'after',
			`\nExamples:\n  $ backout with-lock --wait 15m --reason "release 1.4.2" -- ./deploy.sh production\n  $ backout with-lock --verify -- sh -c 'git pull --ff-only && make deploy'`,
		)
		.action((words: string[], options: import('../commands/with-lock.ts').WithLockCommandOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).withLock(globals(command), words, options)),
		);

	program
		.command('guard')
		.description('after a deployment, roll back automatically if the checks keep failing')
		.option('--for <DURATION>', 'how long to watch, e.g. 10m')
		.option(
			'--procedure <PROCEDURE>',
			'procedure that rolls back, e.g. rollback-commit; planned before the watch begins',
		)
		.addOption(inputOption())
		.addOption(allowLossOption())
		.option('--interval <DURATION>', 'time between two checks (default: a third of the settling time, at most 10s)')
		.option('--grace <DURATION>', 'ignore failures for this long at the start (default: the settling time)')
		.option('--yes', 'confirm a disruptive procedure in advance')
		.option('--confirm <TEXT>', "the target's name, to confirm a destructive procedure in advance")
		.option('--reason <TEXT>', 'what was deployed; saved in the journal with what failed')
		.addOption(onHostOption())
		.addOption(hereOption())
		.option('--resume <RUN>', 'go on with a guard on the host that was interrupted, for the time that is left')
		.option('--detach', 'return as soon as the guard runs on the host; `backout attach` follows it')
		.addOption(jsonOption())
		.action((options: import('../commands/guard-on-host.ts').GuardOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).guard(globals(command), options)),
		);
};

const onHostOption = (): Option =>
	new Option(
		'--on-host',
		'let the host watch, as a run that needs neither this machine nor the link: the default if it can ask all checks',
	).conflicts('here');

const hereOption = (): Option =>
	new Option('--here', 'watch from this machine: the guard ends with this command, and needs the link');

const addRun = (program: Command): void => {
	program
		.command('run')
		.description('run a procedure on the host, follow it, and verify the result')
		.argument('<PROCEDURE>')
		.option(
			'--targets <NAMES>',
			'run it on these targets, e.g. a,b,c: one after the other, and only while each is verified before the next begins',
		)
		.addOption(inputOption())
		.addOption(allowOption())
		.option('--yes', 'skip the confirmation (disruptive procedures)')
		.option(
			'--confirm <TEXT>',
			"the target's name, to confirm a destructive procedure; with --targets, all their names",
		)
		.option('--reason <TEXT>', 'why you run it; saved in the journal')
		.option('--detach', 'start the run and return')
		.addOption(waitOption())
		.addOption(jsonOption())
		.addHelpText(
			'after',
			`\nExamples:\n  $ backout run rollback-commit --reason 'health fails'\n  $ backout run restart-service --input restarted=web --yes\n  $ backout run stop-everything --confirm production --reason 'wrong orders' --detach\n  $ backout run rollback-commit --targets staging,eu,us --input commit=3f2a91c --yes`,
		)
		.action(
			(
				procedure: string,
				{ targets, ...options }: import('../commands/run.ts').RunOptions & { readonly targets?: string },
				command: Command,
			) =>
				run(options.json === true, async () => {
					const { runOnTargets, runProcedure } = await hostCommands();
					return targets === undefined
						? runProcedure(globals(command), procedure, options)
						: runOnTargets(globals(command), procedure, { ...options, targets });
				}),
		);
};

const addDeploy = (program: Command): void => {
	program
		.command('deploy')
		.description(
			'deploy by the command of the runbook: checklist, restore point, deployment, guard; undo it if its checks fail',
		)
		.argument('[PROCEDURE]', 'the deployment, if the runbook has several')
		.addOption(inputOption())
		.option('--guard <DURATION>', 'how long to watch afterwards, 0s: not at all (default: as the runbook says, or 10m)')
		.addOption(onHostOption())
		.addOption(hereOption())
		.option('--no-undo', 'undo nothing by itself: say what failed')
		.option('--yes', 'skip the confirmation, which is also for the checklist and the undo')
		.option('--confirm <TEXT>', "the target's name, to confirm a destructive deployment")
		.option('--reason <TEXT>', 'what is deployed; saved in the journal')
		.addOption(waitOption())
		.addOption(jsonOption())
		.addHelpText(
			'after',
			`\nExamples:\n  $ backout deploy --reason 'release 1.4.2'\n  $ backout deploy --input version=1.4.2 --guard 30m --yes --wait 15m`,
		)
		.action((procedure: string | undefined, options: import('../commands/deploy.ts').DeployOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).deploy(globals(command), procedure, options)),
		);
};
