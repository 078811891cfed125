import type { Command } from '../command/command.ts';
import { parseFlags } from '../command/flags.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Engine } from '../docker/engine.ts';
import { nowNanos, stampOf } from '../docker/stamp.ts';
import type { CommandIo } from '../docker/types.ts';
import type { Subcommand } from './asked.ts';
import { config } from './config.ts';
import { containerSubcommands } from './containers.ts';
import { composeVersion } from './create.ts';
import { imageSubcommands } from './images.ts';
import { loadProject, type Project } from './project.ts';

const subcommands: Readonly<Record<string, Subcommand>> = {
	config: ({ project, args, io }) => config(project, args, io),
	convert: ({ project, args, io }) => config(project, args, io),
	...imageSubcommands,
	...containerSubcommands,
};

const globalFlags = {
	'p project-name': 'value',
	'f file': 'list',
	'env-file': 'list',
	profile: 'list',
	'project-directory': 'value',
	ansi: 'value',
	progress: 'value',
	parallel: 'value',
	'dry-run': 'flag',
} as const;

const version = (args: readonly string[], io: CommandIo): number => {
	const flags = parseFlags('docker compose version', args, { short: 'flag', 'f format': 'value' });
	io.out(
		flags.has('short')
			? `${composeVersion}\n`
			: flags.value('f') === 'json'
				? `${JSON.stringify({ version: `v${composeVersion}` })}\n`
				: `Docker Compose version v${composeVersion} (demo)\n`,
	);
	return 0;
};

/**
 * `docker compose`, as far as deployments and runbooks use it. For anything that it does not simulate it prints an error, and exits with
 * 125.
 */
export const compose =
	(engine: Engine, deployment: Deployment): Command =>
	async (args, io) => {
		const flags = parseFlags('docker compose', args, globalFlags, { first: true });
		const [name = '', ...rest] = flags.rest;
		if (name === 'version') {
			return version(rest, io);
		}
		const subcommand = subcommands[name];
		if (subcommand === undefined) {
			io.error(
				`docker compose: the demo does not simulate '${name}'; it simulates ${Object.keys(subcommands).join(', ')}\n`,
			);
			return 125;
		}
		const dry = flags.has('dry-run');
		if (dry && !['up', 'create'].includes(name)) {
			io.error(`docker compose --dry-run: the demo simulates it with up and create only\n`);
			return 125;
		}
		const warned = new Set<string>();
		const onUnset = (variable: string) => {
			if (!warned.has(variable)) {
				warned.add(variable);
				const at = `${stampOf(nowNanos()).slice(0, 19)}Z`;
				io.error(
					`time="${at}" level=warning msg="The \\"${variable}\\" variable is not set. Defaulting to a blank string."\n`,
				);
			}
		};
		try {
			const project: Project = loadProject(io.cwd, io.env, {
				name: flags.value('p'),
				files: flags.list('f'),
				envFiles: flags.list('env-file'),
				profiles: flags.list('profile'),
				directory: flags.value('project-directory'),
				interpolates: !['config', 'convert'].includes(name) || !rest.includes('--no-interpolate'),
				onUnset,
			});
			return await subcommand({ engine, project, args: rest, io, deployment, dry });
		} catch (error) {
			io.error(`${(error as Error).message}\n`);
			return 1;
		}
	};
