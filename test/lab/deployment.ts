import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec, must } from './exec.ts';
import { hostEnv, type Layout } from './layout.ts';
import { waitFor } from './processes.ts';
import type { LabInfo } from './types.ts';

/** Runs a program in the deployed clone, with the environment of the host's sessions. Throws when it fails. */
export function onHost(info: LabInfo, command: string, ...args: string[]): Promise<string> {
	return must(command, args, { cwd: info.directory, env: hostEnv(info) });
}

/** What the deployment pipeline does: pull, build, up. Throws at the first that fails. */
export async function deploy(info: LabInfo): Promise<void> {
	await onHost(info, 'git', 'pull', '-q', '--ff-only');
	await onHost(info, 'docker', 'compose', 'build', '-q', 'trading-engine');
	await onHost(info, 'docker', 'compose', 'up', '-d', '--no-deps', 'trading-engine');
}

/** Writes `.env` with secrets of its own, and a copy that `heal` takes it from. */
export function writeEnvironment(at: Layout, info: LabInfo): void {
	const secret = (bytes: number) => randomBytes(bytes).toString('hex');
	const text = `# AbstractFinance, production
TRADING_MODE=live
POSTGRES_DB=abstractfinance
POSTGRES_USER=postgres
POSTGRES_PASSWORD=${secret(12)}
IBKR_USERNAME=afprod01
IBKR_PASSWORD=${secret(10)}
IBKR_TOTP_SECRET=${secret(16).toUpperCase()}
TELEGRAM_BOT_TOKEN=${secret(20)}
GRAFANA_ADMIN_PASSWORD=${secret(10)}
MAX_ORDER_NOTIONAL=250000
LAB_LOGIN_SECONDS=${process.env.LAB_LOGIN_SECONDS || '4'}
HEALTH_PORT=${info.ports.health}
METRICS_PORT=${info.ports.metrics}
GRAFANA_PORT=${info.ports.grafana}
ALERTMANAGER_PORT=${info.ports.alertmanager}
NOVNC_PORT=${info.ports.novnc}
`;
	rmSync(at.keep, { recursive: true, force: true });
	mkdirSync(join(at.keep, 'backups'), { recursive: true });
	writeFileSync(join(at.keep, '.env'), text, { mode: 0o600 });
	writeFileSync(join(at.keep, '.env.backup'), text, { mode: 0o600 });
}

/** Puts back what git does not track: `.env`, its backup, and the database backups as they were; no other copy of `.env` stays. */
export function restoreUntracked(at: Layout): void {
	for (const name of readdirSync(at.directory).filter((entry) => entry === 'backups' || entry.startsWith('.env'))) {
		rmSync(join(at.directory, name), { recursive: true, force: true });
	}
	for (const name of ['.env', '.env.backup', 'backups']) {
		cpSync(join(at.keep, name), join(at.directory, name), { recursive: true, preserveTimestamps: true });
	}
}

/** Builds the newest three good commits, oldest first, so that there are images to go back to. Gives their ids. */
export async function buildGoodImages(info: LabInfo): Promise<string[]> {
	const ids: string[] = [];
	for (const { hash } of info.goodCommits.slice(-3)) {
		await onHost(info, 'git', 'checkout', '-q', '-f', hash);
		await onHost(info, 'docker', 'compose', 'build', '-q', 'trading-engine');
		ids.push(await imageId(info, 'abstractfinance-trading-engine:latest'));
	}
	await onHost(info, 'git', 'checkout', '-q', '-f', 'main');
	return ids;
}

/** The full id of an image, or an empty string when there is none. */
export async function imageId(info: LabInfo, name: string): Promise<string> {
	const args = ['image', 'inspect', '--format', '{{.Id}}', name];
	return (await exec('docker', args, { env: hostEnv(info) })).stdout.trim();
}

/** Waits until the database answers queries; throws after half a minute. */
export async function waitForDatabase(info: LabInfo): Promise<void> {
	const args = ['exec', 'postgres', 'psql', '-X', '-q', '-U', 'postgres', '-d', 'postgres', '-c', 'SELECT 1'];
	const up = await waitFor(async () => (await exec('docker', args, { env: hostEnv(info) })).code === 0, 30_000, 200);
	if (!up) throw new Error('the database does not come up');
}

/** Makes tables and rows, and the backups of the last nights, when the database is empty. */
export async function seedDatabase(at: Layout, info: LabInfo): Promise<void> {
	const script = `set -e
		sql() { docker exec -i postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres -d abstractfinance "$@"; }
		[ "$(sql -At -c "SELECT to_regclass('nav_history')" </dev/null)" = nav_history ] ||
			cat migrations/*.sql "$1/seed.sql" | sql --single-transaction >/dev/null
		[ -s "$2" ] || { docker exec postgres pg_dump -U postgres abstractfinance | gzip >"$2.part" && mv "$2.part" "$2"; }
		mkdir -p "$3"`;
	const backups = join(at.keep, 'backups');
	await onHost(info, 'sh', '-c', script, 'sh', join(import.meta.dirname, 'stand-ins'), at.seedDump, backups);
	if (existsSync(join(backups, 'README'))) return;
	for (const daysAgo of [3, 2, 1]) {
		const at2am = new Date(Date.now() - daysAgo * 86_400_000);
		at2am.setUTCHours(2, 0, 7, 0);
		const file = join(backups, `abstractfinance_${stamp(at2am)}.sql.gz`);
		cpSync(at.seedDump, file);
		utimesSync(file, at2am, at2am);
	}
	const before = new Date(Date.now() - 7 * 3_600_000);
	const file = join(backups, `pre_deploy_${stamp(before)}.sql`);
	await onHost(info, 'sh', '-c', 'gzip -dc -- "$1" >"$2"', 'sh', at.seedDump, file);
	utimesSync(file, before, before);
	writeFileSync(join(backups, 'README'), 'Nightly dumps of the database, and one before each deployment.\n');
}

/** Replaces the database by the seeded one, and removes all others. The engine must not be connected. */
export async function resetDatabase(at: Layout, info: LabInfo): Promise<void> {
	const script = `set -e
		psql() { docker exec -i postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres "$@"; }
		psql -d postgres -At -c "SELECT format('DROP DATABASE %I WITH (FORCE);', datname) FROM pg_database
			WHERE NOT datistemplate AND datname <> 'postgres'" </dev/null | psql -d postgres
		psql -d postgres -c 'CREATE DATABASE abstractfinance' </dev/null
		gzip -dc -- "$1" | psql --single-transaction -d abstractfinance >/dev/null`;
	await onHost(info, 'sh', '-c', script, 'sh', at.seedDump);
}

/** 20261122_020007, UTC. */
function stamp(date: Date): string {
	return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_');
}
