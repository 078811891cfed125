import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	lutimesSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { compose, onHost } from './compose.ts';
import { exec, must } from './exec.ts';
import { hostEnv, type Layout } from './layout.ts';
import { owner } from './owner.ts';
import { waitFor } from './processes.ts';
import type { LabInfo } from './types.ts';

/** The engine's user inside its image; it owns ./state and ./logs. */
const engineUser = 1000;

/**
 * Does what the pipeline does. On staging: pull, build both, up. In production: fetch the tags, check one out, build both, up those two.
 */
export async function deploy(info: LabInfo, tag = ''): Promise<void> {
	if (info.deployed === 'tag') {
		await onHost(info, 'git', 'fetch', '--tags');
		await onHost(info, 'git', 'checkout', tag);
	} else {
		await onHost(info, 'git', 'pull', 'origin', 'main');
	}
	await compose(info, 'build', '-q', 'trading-engine', 'cross-monitor');
	const these = info.deployed === 'tag' ? ['--no-deps', 'trading-engine', 'cross-monitor'] : [];
	await compose(info, 'up', '-d', ...these);
}

/** The names in the deployment's folder that git does not track, apart from ./state and ./logs. */
const untracked = (name: string) => name === 'backups' || name === 'dc' || name.startsWith('.env');

/**
 * Puts back what git does not track, as it was: the settings, the database backups, the engine's state. No other copy of a
 * settings file stays. ./state and ./logs are emptied and not removed: a container has them mounted.
 */
export async function restoreUntracked(at: Layout, info: LabInfo): Promise<void> {
	const [uid, gid] = await ownerIds();
	for (const name of readdirSync(at.directory).filter(untracked)) {
		rmSync(join(at.directory, name), { recursive: true, force: true });
	}
	const settings = info.secrets === 'dc' ? ['.env.template', 'dc'] : ['.env', '.env.backup'];
	for (const name of settings) {
		cpSync(join(at.keep, name), join(at.directory, name), { preserveTimestamps: true });
		chownSync(join(at.directory, name), uid, gid);
	}
	// Made by cron, and so root's.
	cpSync(join(at.keep, 'backups'), join(at.directory, 'backups'), { recursive: true, preserveTimestamps: true });
	for (const name of ['state', 'logs']) {
		const folder = join(at.directory, name);
		mkdirSync(folder, { recursive: true });
		for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
		cpSync(join(at.keep, name), folder, { recursive: true, preserveTimestamps: true });
	}
	await must('chown', ['-R', `${engineUser}:${engineUser}`, join(at.directory, 'state'), join(at.directory, 'logs')]);
}

/** Writes the engine's portfolio, as it wrote it at its last run. */
export function writeState(at: Layout): void {
	const folder = join(at.keep, 'state');
	mkdirSync(join(folder, 'logs'), { recursive: true });
	mkdirSync(join(at.keep, 'logs'), { recursive: true });
	const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
	const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
	const positions = { CSPX: 120, FESX: 18, ZN: 9, GC: 4 };
	writeFileSync(join(folder, 'portfolio_state.json'), json({ nav: 1_012_345.67, positions, date: day }));
	writeFileSync(join(folder, 'portfolio_init.json'), json({ nav: 1_000_000, positions: {}, date: '2025-12-01' }));
	writeFileSync(join(folder, 'returns_history.csv'), `date,return\n${day},0.0012\n`);
	writeFileSync(join(folder, 'logs', `trading_${day}.log`), '');
}

/** The full id of an image, or an empty string when there is none. */
export async function imageId(info: LabInfo, name: string): Promise<string> {
	const args = ['image', 'inspect', '--format', '{{.Id}}', name];
	return (await exec('docker', args, { env: hostEnv(info) })).stdout.trim();
}

export const engineImage = 'abstractfinance-trading-engine:latest';
export const monitorImage = 'abstractfinance-cross-monitor:latest';

/** Builds the newest three good commits, oldest first, so that there are images to go back to. Notes their ids. */
export async function buildGoodImages(info: LabInfo): Promise<void> {
	info.goodImages = [];
	info.goodMonitors = [];
	for (const { hash } of info.goodCommits.slice(-3)) {
		await onHost(info, 'git', 'checkout', '-q', '-f', hash);
		await compose(info, 'build', '-q', 'trading-engine', 'cross-monitor');
		info.goodImages.push(await imageId(info, engineImage));
		info.goodMonitors.push(await imageId(info, monitorImage));
	}
	await onHost(info, 'git', 'checkout', '-q', '-f', 'main');
}

/** Waits until the database answers queries; throws after two minutes, for the machine may be busy. */
export async function waitForDatabase(info: LabInfo): Promise<void> {
	const args = ['exec', 'postgres', 'psql', '-X', '-q', '-h', '127.0.0.1', '-U', 'postgres', '-d', 'abstractfinance'];
	const password = readPassword(info);
	const ask = [...args.slice(0, 1), '-e', `PGPASSWORD=${password}`, ...args.slice(1), '-c', 'SELECT 1'];
	// Over TCP: while it is made, it answers on its socket only.
	const up = await waitFor(async () => (await exec('docker', ask, { env: hostEnv(info) })).code === 0, 120_000, 200);
	if (!up) throw new Error('the database does not come up');
}

const readPassword = (info: LabInfo): string => {
	const text = readFileSync(join(info.dir, 'cache', 'keep', '.env'), 'utf8');
	return /^DB_PASSWORD=(.*)$/m.exec(text)?.[1] ?? '';
};

/** Runs a script as root on the host, in the clone; it must succeed. */
const asRoot = (info: LabInfo, script: string, ...args: string[]) =>
	must('sh', ['-c', script, 'sh', ...args], { cwd: info.directory, env: hostEnv(info) });

/** Adds rows, and the backups of the last nights, to a database whose tables were just made. */
export async function seedDatabase(at: Layout, info: LabInfo): Promise<void> {
	const script = `set -e
		sql() { docker exec -i postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres -d abstractfinance "$@"; }
		[ "$(sql -At -c 'SELECT count(*) FROM orders' </dev/null)" != 0 ] || sql --single-transaction <"$1/seed.sql" >/dev/null
		[ -s "$2" ] || { docker exec postgres pg_dump -U postgres abstractfinance | gzip >"$2.part" && mv "$2.part" "$2"; }
		mkdir -p "$3"`;
	const backups = join(at.keep, 'backups');
	await asRoot(info, script, join(import.meta.dirname, 'stand-ins'), at.seedDump, backups);
	if (readdirSync(backups).length > 0) return;
	for (const daysAgo of [3, 2, 1]) {
		const night = new Date(Date.now() - daysAgo * 86_400_000);
		night.setUTCHours(3, 0, 3, 0);
		const file = join(backups, `abstractfinance_${stamp(night)}.sql.gz`);
		cpSync(at.seedDump, file);
		chmodSync(file, 0o644);
		utimesSync(file, night, night);
	}
	const before = new Date(Date.now() - 7 * 3_600_000);
	const file = join(backups, `pre_deploy_${stamp(before)}.sql`);
	await asRoot(info, 'gzip -dc -- "$1" >"$2"', at.seedDump, file);
	utimesSync(file, before, before);
	lutimesSync(backups, before, before);
}

/** Drops every database but the seeded one, and makes that anew. */
export async function resetDatabase(at: Layout, info: LabInfo): Promise<void> {
	const script = `set -e
		psql() { docker exec -i postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres "$@"; }
		psql -d postgres -At -c "SELECT format('DROP DATABASE %I WITH (FORCE);', datname) FROM pg_database
			WHERE NOT datistemplate AND datname <> 'postgres'" </dev/null | psql -d postgres
		psql -d postgres -c 'CREATE DATABASE abstractfinance' </dev/null
		gzip -dc -- "$1" | psql --single-transaction -d abstractfinance >/dev/null`;
	await asRoot(info, script, at.seedDump);
}

/** Does what cron does every night: a backup of the current database, as root. */
export async function backUp(info: LabInfo): Promise<void> {
	await asRoot(info, 'bash scripts/backup_postgres.sh >/dev/null');
}

/** The owner's user and group id. */
export async function ownerIds(): Promise<[number, number]> {
	return [Number(await must('id', ['-u', owner])), Number(await must('id', ['-g', owner]))];
}

/** Gives the clone to its owner, whoever wrote in it. */
export async function giveToOwner(folder: string): Promise<void> {
	if (existsSync(folder) && statSync(folder).isDirectory()) await must('chown', ['-R', `${owner}:${owner}`, folder]);
}

/** 20261122_020007, UTC. */
function stamp(date: Date): string {
	return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
}
