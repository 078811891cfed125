import { statfsSync } from 'node:fs';
import { type Parsed, parseFlags } from '../command/flags.ts';
import { dumpDatabase } from '../database/dump.ts';
import { runPsql } from '../database/psql.ts';
import type { CommandIo, Program, StartProgram } from '../docker/types.ts';
import type { World } from './world.ts';

const dataFolder = '/var/lib/postgresql/data';

const connectionFlags = { 'U username': 'value', 'd dbname': 'value', 'h host': 'value', 'p port': 'value' } as const;

const psql = async (world: World, args: readonly string[], io: CommandIo): Promise<number> => {
	const flags = parseFlags('psql', args, {
		...connectionFlags,
		'X no-psqlrc': 'flag',
		'q quiet': 'flag',
		'A no-align': 'flag',
		't tuples-only': 'flag',
		'F field-separator': 'value',
		'c command': 'list',
		'v set': 'list',
		'1 single-transaction': 'flag',
	});
	const variables = new Map(
		flags.list('v').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
	);
	const commands = flags.list('c');
	const { out, error, code } = runPsql(
		world.databases,
		{
			database: flags.value('d') ?? flags.rest[0] ?? flags.value('U') ?? 'postgres',
			script: commands.length > 0 ? commands.join(';') : await io.input(),
			variables,
			stopOnError: commands.length > 0 || ['1', 'on', 'true'].includes(variables.get('ON_ERROR_STOP') ?? ''),
			separator: flags.value('F') ?? '|',
		},
		dataFolder,
	);
	io.out(out);
	io.error(error);
	return commands.length > 0 && code === 3 ? 1 : code;
};

const pgDump = async (world: World, flags: Parsed, io: CommandIo): Promise<number> => {
	const name = flags.value('d') ?? flags.rest[0] ?? 'postgres';
	if (!world.databases.has(name)) {
		io.error(`pg_dump: error: connection to server failed: FATAL:  database "${name}" does not exist\n`);
		return 1;
	}
	io.out(dumpDatabase(world.databases.open(name)));
	return 0;
};

/** Runs `df -Pk FOLDER` for the demo's real folder. */
const df = async (world: World, io: CommandIo): Promise<number> => {
	const { bsize, blocks, bavail } = statfsSync(world.folder);
	const kib = (count: number) => Math.floor((count * bsize) / 1024);
	const used = Math.round(100 * (1 - bavail / blocks));
	io.out('Filesystem 1024-blocks Used Available Capacity Mounted on\n');
	io.out(`demo ${kib(blocks)} ${kib(blocks - bavail)} ${kib(bavail)} ${used}% ${dataFolder}\n`);
	return 0;
};

/** PostgreSQL, as far as psql, pg_dump and pg_isready in its container use it. */
export const postgresProgram =
	(world: World): StartProgram =>
	({ log }): Program => {
		const say = (text: string) =>
			log(`${new Date().toISOString().slice(0, 23).replace('T', ' ')} UTC [1] LOG:  ${text}`, 'stderr');
		say('starting PostgreSQL 14.13 (demo)');
		say('database system is ready to accept connections');
		return {
			end: () => say('database system is shut down'),
			health: () => ({ ok: true, output: '/var/run/postgresql:5432 - accepting connections\n' }),
			use: () => ({ cpu: 0.006 + Math.random() * 0.006, memory: 61_000_000 + Math.random() * 400_000 }),
			exec: ([name = '', ...args], io) => {
				switch (name.split('/').at(-1)) {
					case 'psql':
						return psql(world, args, io);
					case 'pg_dump':
						return pgDump(world, parseFlags('pg_dump', args, { ...connectionFlags, 'F format': 'value' }), io);
					case 'pg_isready':
						return Promise.resolve(0);
					case 'df':
						return df(world, io);
					default:
						return undefined;
				}
			},
		};
	};
