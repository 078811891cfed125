import type { Command } from 'commander';
import { examples, globals, jsonOption, run, setUpCommands } from './define.ts';

/** Adds the commands that prepare this machine and a target: check, doctor, init, completion. */
export const addSetUpCommands = (program: Command): void => {
	program
		.command('check')
		.description('validate a config or a runbook; errors have file:line:column')
		.addHelpText('after', examples('check', 'check runbook.yaml'))
		.argument('[FILE]')
		.addOption(jsonOption())
		.action((file: string | undefined, options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await setUpCommands()).check(globals(command), file, options)),
		);

	program
		.command('doctor')
		.description('check that this machine and the host are ready for a run')
		.addHelpText('after', examples('doctor', '--target production doctor'))
		.addOption(jsonOption())
		.action((options: { json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await setUpCommands()).doctor(globals(command), options)),
		);

	program
		.command('init')
		.description('write a config and a runbook for a Compose project or stack found on a host')
		.addHelpText('after', examples('init root@203.0.113.7', 'init deploy@web --project shop --output ops'))
		.argument('[HOST]', '[user@]host[:port], a Host of ~/.ssh/config, or `local`', 'local')
		.option('--project <NAME>', 'Compose project or stack, if there are several')
		.option('--directory <DIR>', 'folder of the Compose file or stack file on the host')
		.option('--name <NAME>', 'name of the target (default: the project)')
		.option('--output <FOLDER>', 'folder to write the files to (default: the current one)')
		.option('--identity-file <FILE>', 'like ssh -i')
		.option('--known-hosts <FILE>', 'like ssh -o UserKnownHostsFile')
		.option('--ssh-config <FILE>', 'like ssh -F')
		.option('--jump <HOST>', 'like ssh -J')
		.action((host: string, options: import('../commands/init.ts').InitOptions) =>
			run(false, async () => (await setUpCommands()).init(host, options)),
		);

	program
		.command('completion')
		.description('print the completion script of a shell: commands, targets, procedures, inputs')
		.argument('<SHELL>', 'bash, zsh or fish')
		.action((shell: string) => run(false, async () => (await setUpCommands()).completion(shell)));
};
