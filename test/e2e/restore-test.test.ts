import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { textOf } from '../helpers/proc.ts';
import { createLocalPlace, type LocalPlace } from './local-place.ts';
import { type OwnPostgres, startPostgres, withoutPostgres } from './own-postgres.ts';

const runbook = `extends: compose
title: Shop
variables: { database: shop }
monitors:
  backups: { patterns: ['backups/*.sql.gz', 'backups/*.sql'], warnAfter: 30d, restoreWithin: 8d }
procedures:
  test-a-backup:
    title: Test the newest backup
    kind: restore-test
    risk: read-only
    inputs: [newest_backup]
    preconditions:
      - { id: room, title: Enough disk space for a second database, script: restore-test-has-room }
    steps:
      - { id: restore, title: Restore it, script: restore-test, timeout: 5m }
    verify: []
`;

/** Kills the supervisor of a run, its step, and their processes: they have its folder in their arguments or environment. */
const killAll = (mark: string): void => {
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
		const has = (file: string) => textOf(join('/proc', pid, file)).includes(mark);
		if (has('environ') || has('cmdline')) {
			process.kill(Number(pid), 'SIGKILL');
		}
	}
};

describe.skipIf(withoutPostgres)('verify --backups', () => {
	let postgres: OwnPostgres;
	let place: LocalPlace;
	let whole: string;
	let live: string;

	/** Writes a backup, as old as this. */
	const backup = (name: string, text: string | Buffer, hoursOld: number) => {
		const file = join(place.directory, 'backups', name);
		writeFileSync(file, text);
		const at = Date.now() / 1000 - hoursOld * 3600;
		utimesSync(file, at, at);
	};
	const databases = () =>
		postgres.sql('postgres', 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1').split('\n');
	const configure = (settings = '') =>
		place.write(
			'backout.yaml',
			`targets:\n  here:\n    host: local\n    directory: ${place.directory}\n    state: ${place.state}\n    runbook: ./local.yaml\n    path: [${join(place.folder, 'bin')}]\n${settings}`,
		);
	const verify = (...args: string[]) => place.run(['verify', '--backups', ...args]);

	beforeAll(() => {
		postgres = startPostgres();
		postgres.sql('postgres', 'CREATE DATABASE shop');
		postgres.sql('shop', 'CREATE TABLE orders (id int, note text); CREATE TABLE carts (id int)');
		postgres.sql('shop', "INSERT INTO orders SELECT n, 'a\\nb' FROM generate_series(1, 300) n");
		whole = postgres.dump('shop');
		// Newer than the backup.
		postgres.sql('shop', 'INSERT INTO orders VALUES (301)');
		live = postgres.dump('shop').replaceAll(/^\\(?:un)?restrict .*$/gm, '');
	});
	afterAll(() => postgres?.stop());
	beforeEach(({ onTestFinished }) => {
		place = createLocalPlace();
		place.write('local.yaml', runbook);
		configure();
		mkdirSync(join(place.directory, 'backups'));
		mkdirSync(join(place.folder, 'bin'));
		writeFileSync(join(place.folder, 'bin', 'docker'), postgres.docker, { mode: 0o755 });
		onTestFinished(() => {
			// Whatever became of the test: the live database is as it was, and nothing is left beside it.
			expect(postgres.dump('shop').replaceAll(/^\\(?:un)?restrict .*$/gm, '')).toBe(live);
			expect(databases()).toEqual(['postgres', 'shop']);
			place.remove();
		});
	});

	test('restores the newest, counts it, drops it, and the reading says when', async () => {
		backup('old.sql', 'nonsense', 30);
		backup('new.sql.gz', gzipSync(whole), 2);
		const before = await place.run(['status', '--json']);
		expect(JSON.parse(before.stdout).backups).toMatchObject({ state: 'warn', reason: expect.stringMatching(/ever/) });
		const said = await verify();
		expect(said, said.stdout + said.stderr).toMatchObject({ code: 0 });
		expect(said.stdout).toMatch(/public\.carts: 0 rows[\s\S]*public\.orders: 300 rows/);
		expect(said.stdout).toMatch(/new\.sql\.gz restores: 2 tables, 300 rows[\s\S]*Removed shop_backout_test_\S+ again/);
		const after = JSON.parse((await place.run(['status', '--json'])).stdout);
		expect(after.backups).toMatchObject({
			state: 'ok',
			value: { restored: { name: join(place.directory, 'backups', 'new.sql.gz') } },
		});
		expect(Math.abs(after.backups.value.restored.at - Date.now())).toBeLessThan(120_000);
		expect((await place.run(['status'])).stdout).toMatch(/backup \S+, .* old, one restored/);
	});

	test('a newest one that is broken fails, though an older one is well', { tags: 'long' }, async () => {
		backup('well.sql', whole, 9);
		const file = gzipSync(whole);
		backup('broken.sql.gz', file.subarray(0, file.length - 40), 1);
		const said = await verify('--json');
		expect(said).toMatchObject({ code: 1 });
		expect(said.stdout).toContain('broken.sql.gz is broken: it does not read to its end');
		expect(existsSync(join(place.state, 'restored'))).toBe(false);
	});

	test('one that was killed leaves its database, and the next removes it', async () => {
		backup('slow.sql', whole.replace(/^-- PostgreSQL database dump complete/m, 'SELECT pg_sleep(300);\n$&'), 2);
		const killed = verify();
		const sleeping = () => databases().some((name) => name.startsWith('shop_backout_test_'));
		await expect.poll(sleeping, { timeout: 60_000 }).toBe(true);
		const [run = ''] = readdirSync(join(place.state, 'runs'));
		await expect
			.poll(() => readFileSync(join(place.state, 'runs', run, 'out'), 'utf8'), { timeout: 60_000 })
			.toContain('Restoring slow.sql');
		killAll(`runs/${run}`);
		expect((await killed).code).not.toBe(0);
		expect(sleeping()).toBe(true);
		backup('new.sql', whole, 1);
		const said = await verify();
		expect(said, said.stdout + said.stderr).toMatchObject({ code: 0 });
		expect(said.stdout).toMatch(/Removed shop_backout_test_\S+, which a restore test that was killed had left/);
	});

	test.for([
		['whose SQL fails', (text: string) => text.replace(/^COPY/m, 'INSERT INTO nowhere VALUES (1);\n$&'), /nowhere/],
		[
			'that loses rows while it is restored',
			(text: string) => text.replace(/^-- PostgreSQL database dump complete/m, 'DELETE FROM public.orders;\n$&'),
			/public\.orders: 0 of 300 rows/,
		],
		['that is cut off', (text: string) => text.slice(0, 2000), /is cut off/],
		['with two dumps', (text: string) => text + text, /holds 2 dumps/],
		['that connects elsewhere', (text: string) => `\\connect shop\n${text}`, /connects to a database by itself/],
	] as const)('a backup %s fails', { tags: 'long' }, async ([, make, why]) => {
		backup('new.sql', make(whole), 1);
		const said = await verify();
		expect(said.stdout).toMatch(why);
		expect(said.code).toBe(1);
	});

	test('the question of the runbook is asked of the restored one', { tags: 'long' }, async () => {
		backup('new.sql', whole, 1);
		configure("    variables: { restore_check: 'SELECT count(*) FROM carts' }\n");
		const said = await verify();
		expect(said.stdout).toContain('restore_check is not met: SELECT count(*) FROM carts gives 0');
		expect(said.code).toBe(1);
		configure("    variables: { restore_check: 'SELECT max(id) = 300 FROM orders' }\n");
		expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('restore_check: t') });
	});

	test('refused where nothing may change, and where there is nothing to restore', { tags: 'long' }, async () => {
		expect(await verify()).toMatchObject({ code: 4, stderr: expect.stringContaining('there is no backup in backups') });
		backup('new.sql', whole, 1);
		expect(await place.run(['--read-only', 'verify', '--backups'])).toMatchObject({ code: 4 });
		expect(await verify('--now')).toMatchObject({ code: 2 });
	});
});
