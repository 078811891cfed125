import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const versions = '/usr/lib/postgresql';
const programs = existsSync(versions)
	? readdirSync(versions)
			.map((version) => join(versions, version, 'bin'))
			.find((folder) => existsSync(join(folder, 'initdb')))
	: undefined;

/** The reason why no PostgreSQL of a test's own can run here; undefined when it can. */
export const withoutPostgres: string | undefined =
	programs === undefined || process.getuid?.() !== 0 ? 'PostgreSQL and root are needed' : undefined;

/** A PostgreSQL server for one test file, which listens on a socket of its own. */
export interface OwnPostgres {
	/** A shell script that is `docker` with one container: `ps` of the service postgres, and `exec` in it. */
	readonly docker: string;
	sql(database: string, query: string): string;
	/** Runs pg_dump, and gives what it writes. */
	dump(database: string): string;
	stop(): void;
}

/** Makes a cluster and starts it, as the user postgres. */
export const startPostgres = (): OwnPostgres => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-postgres-'));
	const bin = programs ?? '';
	const uid = Number(/^postgres:[^:]*:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1]);
	chownSync(folder, uid, uid);
	const data = join(folder, 'data');
	const as = (program: string, ...args: string[]) =>
		execFileSync(
			'setpriv',
			['--reuid=postgres', '--regid=postgres', '--init-groups', '--', join(bin, program), ...args],
			{
				cwd: folder,
				encoding: 'utf8',
				stdio: ['ignore', 'pipe', 'pipe'],
			},
		);
	as('initdb', '-D', data, '-U', 'postgres', '--no-locale', '-E', 'UTF8', '--auth=trust', '--no-sync');
	const settings = `-c listen_addresses='' -c unix_socket_directories=${folder} -c fsync=off`;
	execFileSync(
		'setpriv',
		[
			...['--reuid=postgres', '--regid=postgres', '--init-groups', '--', join(bin, 'pg_ctl')],
			...['-D', data, '-w', '-s', '-l', join(folder, 'log'), '-o', settings, 'start'],
		],
		{ cwd: folder, stdio: 'ignore' },
	);
	return {
		docker: `#!/bin/sh
case "$1 $*" in
	ps*compose.service=postgres*) printf '%064d\\n' 7 ;;
	exec*)
		shift
		while :; do
			case $1 in -i) shift ;; -e) export "$2"; shift 2 ;; *) break ;; esac
		done
		shift
		PATH=${bin}:$PATH PGHOST=${folder} exec "$@" ;;
	*) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;;
esac
`,
		sql: (database, query) =>
			as('psql', '-h', folder, '-U', 'postgres', '-X', '-At', '-d', database, '-c', query).trim(),
		dump: (database) => as('pg_dump', '-h', folder, '-U', 'postgres', '-d', database),
		stop: () => {
			as('pg_ctl', '-D', data, '-w', '-s', '-m', 'immediate', 'stop');
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
