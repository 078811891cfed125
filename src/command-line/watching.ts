import { type Command, InvalidArgumentError, Option } from 'commander';
import { afterScreen } from '../commands/print.ts';
import { examples, globals, hostCommands, jsonOption, run, setUpCommands } from './define.ts';

const portNumber = (given: string): number => {
	const port = Number(given);
	if (!/^\d+$/.test(given) || port > 65_535) {
		throw new InvalidArgumentError('It must be a number from 0 to 65535.');
	}
	return port;
};

/** Adds the commands that show a target: demo, status, serve, targets, verify, logs. */
export const addWatchingCommands = (program: Command): void => {
	program
		.command('demo')
		.description('open the dashboard on a simulated host with an incident; everything is removed afterwards')
		.addHelpText('after', examples('demo', 'demo failed-deployment'))
		.argument('[INCIDENT]', 'crash, failed-deployment, config, database or gateway', 'crash')
		.option('--serve', 'only start the demo host, print the path of its config, and run until stopped')
		.addOption(jsonOption())
		.action((incident: string, options: { serve?: boolean; json?: boolean }, command: Command) =>
			run(options.json === true, async () => (await setUpCommands()).demo(globals(command), incident, options)),
		);

	program
		.command('status')
		.description('print what the dashboard shows, as text or NDJSON')
		.addOption(jsonOption())
		.option('--watch', 'keep running; print a line for each change, or as JSON all of it again')
		.option('--all', 'all targets of the config, the worst first; exit with the code of the worst')
		.addHelpText('after', `\nExamples:\n  $ backout status --all\n  $ backout status --watch`)
		.action((options: { json?: boolean; watch?: boolean; all?: boolean }, command: Command) =>
			run(options.json === true, async () =>
				options.all === true
					? (await hostCommands()).statusAll(globals(command), options)
					: (await hostCommands()).status(globals(command), options),
			),
		);

	program
		.command('serve')
		.description('serve a page with what the dashboard shows, to be read in a browser; or write it into a file')
		.option('--all', 'all targets of the config, the worst first')
		.option('--port <PORT>', 'port on 127.0.0.1 (default: 8020; 0: any free one)', portNumber)
		.addOption(
			new Option('--allow-host <NAME>', 'also answer under this name, for a proxy before it; repeat for several')
				.argParser((name: string, before: readonly string[]) => [...before, name])
				.default([], 'none'),
		)
		.addOption(
			new Option('--write <FILE>', 'write the page into this file instead, again and again').conflicts([
				'port',
				'allowHost',
			]),
		)
		.addOption(jsonOption())
		.addHelpText('after', `\nExamples:\n  $ backout serve\n  $ backout serve --all --write /srv/www/status/index.html`)
		.action((options: import('../commands/serve.ts').ServeOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).serve(globals(command), options)),
		);

	program
		.command('targets')
		.description('show all targets of the config on one screen; Enter opens one')
		.action((_options, command: Command) =>
			run(false, async () => (await import('../main.tsx')).dashboard(globals(command), { all: true, ...afterScreen })),
		);

	program
		.command('verify')
		.description("run the runbook's checks for the settling time, and print the verdict")
		.addHelpText('after', examples('verify', 'verify --wait 5m --json'))
		.option('--wait <DURATION>', 'wait until all checks pass, at most this long, e.g. 5m')
		.option('--now', 'run each check once; exit code 0 then only means that they pass at this moment')
		.option(
			'--backups',
			'restore the newest backup beside the live database instead, count its rows, and drop it: for cron',
		)
		.addOption(jsonOption())
		.action(
			(
				{ backups, ...options }: import('../commands/verify.ts').VerifyOptions & { readonly backups?: boolean },
				command: Command,
			) =>
				run(options.json === true, async () => {
					const { restoreTest, verify } = await hostCommands();
					return (backups === true ? restoreTest : verify)(globals(command), options);
				}),
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
		.option('-t, --timestamps', 'put the timestamp from the engine before each line')
		.addOption(jsonOption())
		.addHelpText('after', `\nExamples:\n  $ backout logs\n  $ backout logs web worker --since 10m --follow`)
		.action((services: string[], options: import('../commands/logs.ts').LogsOptions, command: Command) =>
			run(options.json === true, async () => (await hostCommands()).logs(globals(command), services, options)),
		);
};
