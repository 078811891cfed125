import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, judge, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';
import { databases, hostState, sql, startedAt } from './database-state.ts';

const confirmed = ['--confirm', 'lab', '--yes', '--reason', 'a dropped table'];

describe.skipIf(withoutLab)('the database', () => {
	let info: LabInfo;
	let place: Workplace;

	const restore = (backup: string, ...more: readonly string[]) =>
		place.run('run', 'database-restore', '--input', `backup=${backup}`, ...more, ...confirmed);
	/** A runbook of its own with a shorter settling time, and scripts that go wrong. */
	const workplace = (scripts: Readonly<Record<string, string>>, variables: Readonly<Record<string, string>> = {}) => {
		const other = createWorkplace(info, { runbook: './mine.yaml' });
		other.write(
			'mine.yaml',
			JSON.stringify({
				extends: 'abstractfinance',
				title: 'Mine',
				verification: { settle: '3s', deadline: '90s' },
				scripts,
				variables,
			}),
		);
		return other;
	};

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
		place = createWorkplace(info);
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	// Three runs one after the other.
	test('after a table was dropped: restored beside, exchanged, verified, kept, and exchanged back', {
		timeout: 600_000,
		tags: 'long',
	}, async () => {
		info = await breakLab('table-dropped');
		const commit = ['--input', `commit=${info.goodCommit}`];
		const positions = (database: string) => sql(database, "SELECT to_regclass('positions')");
		const broken = async () =>
			(
				await hostExec(`git rev-parse HEAD; git symbolic-ref HEAD
					docker inspect --format '{{.Image}} {{.State.Status}}' $(docker ps -q --filter name=trading-engine)`)
			).stdout;
		const before = await broken();
		const other = workplace({});
		expect(
			(
				await hostExec(
					`cp backups/pre_deploy_*.sql "backups/before \\"the\\" engineer's migration.sql"; touch backups/b*`,
				)
			).code,
		).toBe(0);
		// Somebody who is connected, and comes again whenever he is disconnected.
		const nag = 'while [ ! -e /tmp/enough ]; do psql -X -U postgres -d abstractfinance -c "SELECT pg_sleep(600)"; done';
		expect((await hostExec('docker exec -d postgres sh -c "$1"', [`rm -f /tmp/enough; ${nag}`])).code).toBe(0);
		try {
			const plan = await other.run('plan', 'database-restore', ...commit, '--json');
			expect(plan.code, plan.stdout + plan.stderr).toBe(0);
			const [made] = plan.json() as unknown as { inputs: { name: string; value: string }[] }[];
			expect(Object.fromEntries(made?.inputs.map(({ name, value }) => [name, value]) ?? [])).toEqual({
				backup: `${info.directory}/backups/before "the" engineer's migration.sql`,
				commit: info.goodCommit,
			});
			const run = await other.run('run', 'database-restore', ...commit, ...confirmed);
			expect(run.stderr).toBe('');
			expect(run.stdout).toContain('done and verified');
			expect(run.code).toBe(0);
		} finally {
			await hostExec('docker exec postgres touch /tmp/enough');
			await sql(
				'postgres',
				"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'",
			);
		}
		expect(await judge()).toMatchObject({ ok: true });
		expect((await hostExec('git rev-parse HEAD; git symbolic-ref HEAD')).stdout).toBe(
			`${info.goodCommit}\nrefs/heads/main\n`,
		);
		// Everybody may read the files that came with the commit, as before: services run as other users.
		expect((await hostExec('find src config scripts -type f ! -perm -444')).stdout).toBe('');
		const [live, kept = '', ...rest] = await databases();
		expect([live, rest]).toEqual(['abstractfinance', ['postgres']]);
		expect(kept).toMatch(/^abstractfinance_before_\d{8}_\d{6}$/);
		expect(await positions(kept)).toBe('');
		expect(await positions('abstractfinance')).toBe('positions');

		// Undone, the host is as it was: without the table, which the engine misses, and verification says so: 5 is the truth.
		// That can be undone in turn.
		const undone = await other.run('undo', 'last', ...confirmed);
		expect(undone.stdout).toContain('is the database from before again');
		expect(undone.code, undone.stdout).toBe(5);
		expect(await broken()).toBe(before);
		expect(await positions('abstractfinance')).toBe('');
		expect((await databases())[1]).toBe(kept.replace('_before_', '_backout_'));
		const again = await other.run('undo', 'last', ...confirmed);
		expect(again.stderr).toBe('');
		expect(again.code).toBe(0);
		expect(await databases()).toEqual(['abstractfinance', kept, 'postgres']);
		expect(await judge()).toMatchObject({ ok: true });
		other.remove();
	});

	test('a backup that is cut off, empty, of another database, or too big is refused before anything is touched', async () => {
		const prepared = await hostExec(`set -e
			cd backups
			gzip -dc "$(ls *.sql.gz | head -n 1)" >whole
			head -c 20000 whole >cut.sql
			head -c 9000 "$(ls *.sql.gz | head -n 1)" >cut.sql.gz
			: >empty.sql.gz
			: | gzip >nothing.sql.gz
			cat whole whole >twice.sql
			docker exec postgres pg_dump -U postgres -C abstractfinance >connects.sql
			sed 's/public[.]/public.other_/g' whole | gzip >another.sql.gz
			rm whole`);
		expect(prepared.stderr).toBe('');
		// In a folder of their own, as the production workflow writes them.
		const elsewhere = `${place.folder}/elsewhere`;
		await hostExec('mkdir "$1" && cp backups/pre_deploy_*.sql "$1/pre_deploy_20260102_030405.sql"', [elsewhere]);
		const before = (await hostState()) + (await startedAt());
		const other = workplace({}, { more_backups: elsewhere });
		const [offer] = (await other.run('inputs', 'database-restore', '--json')).json() as unknown as {
			inputs: { preset: string; choices: { label: string; detail: string; marks: string[] }[] }[];
		}[];
		other.remove();
		const choices = offer?.inputs[0]?.choices ?? [];
		const said = Object.fromEntries(
			choices.map(({ label, detail, marks }) => [label, [detail.split(', ').at(-1), ...marks]]),
		);
		expect(said).toMatchObject({
			'cut.sql': ['cut off: it does not end as a dump does', 'bad'],
			'cut.sql.gz': ['broken: it does not read to the end', 'bad'],
			'empty.sql.gz': ['empty', 'bad'],
			'nothing.sql.gz': ['cut off: it does not end as a dump does', 'bad'],
			'twice.sql': ['holds more than one dump', 'bad'],
			'connects.sql': ['connects to a database by itself', 'bad'],
			[`${elsewhere}/pre_deploy_20260102_030405.sql`]: ['reads to the end and has every table'],
		});
		for (const [file, why] of [
			['cut.sql', /cut off/],
			['cut.sql.gz', /broken/],
			['empty.sql.gz', /empty/],
			['nothing.sql.gz', /cut off/],
			['twice.sql', /holds 2 dumps/],
			['connects.sql', /connects to a database by itself/],
			['another.sql.gz', /none of the \d tables of abstractfinance/],
			['not-there.sql', /no such file/],
		] as const) {
			const run = await restore(file);
			expect(run.stderr).toMatch(why);
			expect(run.code).toBe(4);
		}
		expect((await hostState()) + (await startedAt())).toBe(before);
	});

	test('a backup too big to read at once is listed as such, and refused where a disk is too small', {
		tags: 'long',
	}, async () => {
		const made = await hostExec(`cd backups
			gzip -dc "$(ls *.sql.gz | head -n 1)" >huge.sql
			truncate -s 4T huge.sql
			echo '-- PostgreSQL database dump complete' >>huge.sql`);
		expect(made.stderr).toBe('');
		const before = (await hostState()) + (await startedAt());
		const inputs = await place.run('inputs', 'database-restore');
		expect(inputs.stdout).toMatch(/huge\.sql +4\.0 TiB, \d+ minutes ago, not read to the end yet/);
		const run = await restore('huge.sql');
		expect(run.stderr).toMatch(/only [\d.]+ [GT]iB free for the database; [\d.]+ TiB are needed/);
		expect(run.code).toBe(4);
		// The folder of runs on a disk of its own, that is too small for a dump of what stands now.
		const small = `${place.folder}/small`;
		const mounted = await hostExec('mkdir "$1" && mount -t tmpfs -o size=2m none "$1"', [small]);
		expect(mounted.stderr).toBe('');
		try {
			const other = createWorkplace(info, { state: `${small}/state` });
			const [file = ''] = (await hostExec('ls backups | grep pre_deploy')).stdout.split('\n');
			const full = await other.run('run', 'database-restore', '--input', `backup=${file}`, ...confirmed);
			// Before the first run there is no folder of runs to look at: the run itself looks, before anything else.
			expect(full.stdout + full.stderr).toMatch(/only [\d.]+ [KM]iB free for runs/);
			expect(full.code).toBe(4);
			other.remove();
		} finally {
			await hostExec('umount "$1"', [small]);
		}
		expect((await hostState()) + (await startedAt())).toBe(before);
	});

	test('a backup that does not restore, a run that is cancelled, and one that dies leave the database serving', {
		tags: 'long',
	}, async () => {
		expect(
			(
				await hostExec(`cd backups && gzip -dc "$(ls *.sql.gz | head -n 1)" >whole
				sed 's/^COPY public.positions/INSERT INTO nowhere VALUES (1);\\n&/' whole >fails.sql
				sed 's/^-- PostgreSQL database dump complete/SELECT pg_sleep(30);\\n&/' whole >slow.sql
				rm whole`)
			).stderr,
		).toBe('');
		const before = (await hostState()) + (await startedAt());
		const failed = await restore('fails.sql');
		expect(failed.stdout).toContain('relation "nowhere" does not exist');
		expect(failed.stdout).toMatch(/Removed abstractfinance_backout_\S+ again; abstractfinance was not touched/);
		expect(failed.code).toBe(1);
		expect((await hostState()) + (await startedAt())).toBe(before);

		const cancelled = place.start('run', 'database-restore', '--input', 'backup=slow.sql', ...confirmed, '--json');
		await cancelled.until((stdout) => stdout.includes('Restoring slow.sql'));
		expect((await place.run('cancel', 'last')).code).toBe(0);
		expect((await cancelled.ended).code).toBe(130);
		expect((await hostState()) + (await startedAt())).toBe(before);

		const dying = place.start('run', 'database-restore', '--input', 'backup=slow.sql', ...confirmed, '--json');
		const id = /"run":"(\S+?)"|"id":"(\d{8}T\S+?)"/.exec(
			await dying.until((stdout) => stdout.includes('Restoring slow.sql')),
		);
		const run = id?.[1] ?? id?.[2];
		// Its supervisor, its step, and their processes: found by a mark in their environment.
		await hostExec(
			'for file in $(grep -ls "$1" /proc/[0-9]*/environ /proc/[0-9]*/cmdline); do pid=${file#/proc/}; kill -9 "${pid%%/*}" 2>/dev/null; done; true',
			[`runs/${run}`],
		);
		expect((await dying.ended).code).not.toBe(0);
		const live = await sql('abstractfinance', "SELECT count(*) FROM orders WHERE order_id LIKE 'seed-%'");
		expect(live).toBe('500');
		expect(await judge()).toMatchObject({ ok: true });
		expect(await startedAt()).toBe(before.slice(-(await startedAt()).length));
	});

	test('when switching the commit fails after the exchange, all of it is put back and the engine runs again', {
		tags: 'long',
	}, async () => {
		const other = workplace({ 'build-commit': 'echo not built; : >"$(git rev-parse --absolute-git-dir)/index.lock"' });
		const before = await hostState();
		const run = await other.run('run', 'database-restore', ...confirmed);
		expect(run.stdout).toContain('index.lock');
		expect(run.stdout).toContain('abstractfinance is the database it was');
		expect(run.code).toBe(1);
		expect((await hostExec('rm .git/index.lock')).code).toBe(0);
		const extra = (await databases())[1] ?? '';
		expect(extra).toMatch(/^abstractfinance_backout_/);
		const after = (await hostState()).split('\n').filter((line) => !line.startsWith(extra));
		expect(after).toEqual(before.split('\n'));
		expect(await judge()).toMatchObject({ ok: true });
		other.remove();
	});

	test('the checklist keeps .env and a dump that was read back, and the commit is then known to be good', {
		tags: 'long',
	}, async () => {
		const list = 'ls -1 backups; ls -1a | grep "^.env"; sha256sum .env.backup';
		const before = (await hostExec(list)).stdout.split('\n');
		const run = await place.run('run', 'pre-deploy-checklist', '--yes', '--reason', 'a release');
		expect(run.stderr).toBe('');
		expect(run.stdout).toContain('done and verified');
		expect(run.code).toBe(0);
		const added = (await hostExec(list)).stdout.split('\n').filter((line) => !before.includes(line));
		expect(added).toEqual([
			expect.stringMatching(/^pre_deploy_\d{8}_\d{6}\.sql\.gz$/),
			expect.stringMatching(/^\.env\.backup\.\d{8}_\d{6}$/),
		]);
		const kept = await hostExec(
			'stat -c "%a %n" "backups/$1" "$2"; cmp .env "$2"; gzip -t "backups/$1"; git status --porcelain -uno',
			added,
		);
		expect(kept.stdout).toBe(`600 backups/${added[0]}\n600 ${added[1]}\n`);
		expect(kept.stderr).toBe('');
		// The server's .gitignore does not have it, and it holds secrets.
		expect(run.stdout).toContain(`git does not ignore ${added[1]}: add .env.* to .gitignore`);
		const [offer] = (await place.run('inputs', 'rollback-commit', '--json')).json() as unknown as {
			inputs: { choices: { value: string; marks: string[] }[] }[];
		}[];
		expect(offer?.inputs[0]?.choices.find(({ value }) => value === info.goodCommit)?.marks).toContain('good');
		// Its output is the input of database-restore.
		const [plan] = (await place.run('plan', 'database-restore', '--json')).json() as unknown as {
			inputs: { value: string }[];
			preconditions: { state: string }[];
		}[];
		expect(plan?.inputs[0]?.value).toBe(`${info.directory}/backups/${added[0]}`);
		expect(plan?.preconditions.every(({ state }) => state === 'passed')).toBe(true);
		expect(await judge()).toMatchObject({ ok: true });
	});

	test('the checklist says no with a crashing engine, and spoils nothing', { tags: 'long' }, async () => {
		await breakLab('env-broken');
		const files = 'ls -l --time-style=full-iso backups .env*; git rev-parse HEAD';
		const before = (await hostExec(files)).stdout;
		const run = await place.run('run', 'pre-deploy-checklist', '--yes');
		expect(run.stdout).toMatch(/NO: .*trading-engine/);
		expect(run.code).toBe(1);
		expect((await hostExec(files)).stdout).toBe(before);
	});

	test('with the database stopped, or failing half-way, no dump is left that is none', { tags: 'long' }, async () => {
		const files = 'ls -l --time-style=full-iso backups .env*';
		const before = (await hostExec(files)).stdout;
		expect((await hostExec('docker stop -t 5 postgres')).code).toBe(0);
		const no = await place.run('run', 'pre-deploy-checklist', '--yes');
		expect(no.stdout).toMatch(/NO: .*postgres/);
		expect(no.code).toBe(1);
		// Skips the precondition about the containers: the dump itself has to detect it.
		const careless = workplace({ 'containers-are-well': 'echo not looked at' });
		const stopped = await careless.run('run', 'pre-deploy-checklist', '--yes');
		expect(stopped.stdout).toContain('postgres does not run: nothing was dumped');
		expect(stopped.code).toBe(1);
		expect(
			(
				await hostExec(
					'docker start postgres && until docker exec postgres pg_isready -q -h 127.0.0.1; do sleep 0.2; done',
				)
			).code,
		).toBe(0);
		// pg_dump ends with an error where it may not read.
		await sql('postgres', 'CREATE ROLE reads_nothing LOGIN');
		const denied = workplace({ 'containers-are-well': 'echo not looked at' }, { database_user: 'reads_nothing' });
		const run = await denied.run('run', 'pre-deploy-checklist', '--yes');
		await sql('postgres', 'DROP ROLE reads_nothing');
		expect(run.stdout).toContain('permission denied');
		expect(run.code).toBe(1);
		expect((await hostExec('find backups -size 0')).stdout).toBe('');
		expect((await hostExec(files)).stdout).toBe(before);
		careless.remove();
		denied.remove();
	});
});
