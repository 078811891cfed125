import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
	type BackupReading,
	type CommitReading,
	type DiskReading,
	notWatched,
	type Reading,
	unread,
} from '../../src/runbook/reading.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { watchHostFacts } from '../../src/services/monitors/host-facts.ts';
import { createStore } from '../../src/stores/store.ts';
import { until } from '../helpers/until.ts';

let directory = '';
const git = (...args: string[]) =>
	execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
		encoding: 'utf8',
	}).trim();

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'backout facts '));
	git('init', '-q', '-b', 'main');
	writeFileSync(join(directory, 'a'), '1');
	git('add', '.');
	git('commit', '-q', '-m', '== exit 0 is a strange subject');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** @param patterns of the backups; null where the runbook does not watch any */
const look = async (
	patterns: readonly string[] | null = ['backups/*.sql.gz', 'backups/*.sql'],
	where = directory,
	state?: string,
) => {
	const stores = {
		commit: createStore<Reading<CommitReading>>(unread(0)),
		backups: createStore<Reading<BackupReading>>(unread(0, patterns === null ? notWatched : undefined)),
		disk: createStore<Reading<DiskReading>>(unread(0)),
	};
	const monitors: Partial<Target['runbook']['monitors']> = {
		commit: { intervalMs: 5000 },
		...(patterns !== null && { backups: { patterns, warnAfterMs: 3_600_000, intervalMs: 5000 } }),
		disk: { path: '.', warnPercent: 101, downPercent: 102, intervalMs: 5000 },
	};
	const host = new LocalHost();
	const monitor = watchHostFacts(host, { directory: where, state, name: 'x', runbook: { monitors } } as Target, stores);
	await until(stores.disk, ({ reason }) => reason !== 'not read yet');
	monitor.stop();
	await host.close();
	return { commit: stores.commit.get(), backups: stores.backups.get(), disk: stores.disk.get() };
};

describe('the deployed commit', () => {
	test('with its branch and what differs from it', async () => {
		writeFileSync(join(directory, 'a'), '2');
		writeFileSync(join(directory, 'new file'), '');
		const { commit } = await look();
		expect(commit).toMatchObject({ state: 'warn', reason: '1 changed file' });
		expect(commit.value).toMatchObject({
			hash: git('rev-parse', 'HEAD'),
			subject: '== exit 0 is a strange subject',
			branch: 'main',
			changed: 1,
			untracked: 1,
			committedAt: Number(git('log', '-1', '--format=%ct')) * 1000,
		});
	});

	test('with what verification said of it, the newest word on each', async () => {
		const hash = git('rev-parse', 'HEAD');
		const [other, image, bad] = ['b'.repeat(40), `sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
		const state = mkdtempSync(join(tmpdir(), 'backout state '));
		writeFileSync(join(state, 'commits'), `${hash} good 1 r\n${other} good 2 r\n${hash} bad 3 r\n`);
		writeFileSync(
			join(state, 'images'),
			`${bad} good 1 r ${hash}\n${image} good 2 r ${hash}\n${bad} bad 3 r ${hash}\n`,
		);
		expect((await look([], directory, state)).commit.value).toMatchObject({
			verified: 'bad',
			lastGood: other,
			goodImages: [image],
		});
		rmSync(state, { recursive: true });
	});

	test('a detached HEAD is said', async () => {
		git('checkout', '-q', '--detach');
		expect((await look()).commit).toMatchObject({
			state: 'warn',
			reason: 'HEAD is detached',
			value: { branch: undefined },
		});
	});

	test('no repository: nothing is wrong with that, and the disk is read all the same', async () => {
		rmSync(join(directory, '.git'), { recursive: true });
		const { commit, disk } = await look();
		expect(commit).toMatchObject({ state: 'ok', value: undefined, reason: 'no git here' });
		expect(disk.state).toBe('ok');
	});

	test("the repository's own configuration starts nothing", async () => {
		const trace = join(directory, '.git', 'started');
		git('config', 'core.fsmonitor', `touch '${trace}'; false`);
		await look();
		expect(() => execFileSync('test', ['-e', trace])).toThrow();
	});
});

describe('backups', () => {
	const backup = (name: string, text: string, minutesAgo: number) => {
		mkdirSync(join(directory, 'backups'), { recursive: true });
		const file = join(directory, 'backups', name);
		writeFileSync(file, text);
		const at = Math.floor(Date.now() / 1000) - minutesAgo * 60;
		utimesSync(file, at, at);
	};

	test('the newest of all patterns, with spaces and odd characters in names', async () => {
		backup('old.sql.gz', 'x', 50);
		backup("new $(touch x) 'b.sql", 'four', 5);
		backup('other.txt', 'x', 1);
		const { backups } = await look();
		expect(backups).toMatchObject({
			state: 'ok',
			value: { name: "backups/new $(touch x) 'b.sql", bytes: 4, count: 2 },
		});
	});

	test('one that is too old, one that is empty, none at all', async () => {
		backup('old.sql', 'x', 180);
		expect((await look()).backups).toMatchObject({ state: 'warn', reason: 'the newest backup is 3 hours old' });
		backup('empty.sql', '', 1);
		expect((await look()).backups).toMatchObject({ state: 'warn', reason: 'the newest backup is empty' });
		expect((await look(['nothing/*'])).backups).toMatchObject({
			state: 'warn',
			reason: 'no backup matches nothing/*',
			value: undefined,
		});
	});

	test('a pattern with spaces', async () => {
		backup('a b.dump', 'x', 1);
		expect((await look(['backups/a *.dump'])).backups.value?.name).toBe('backups/a b.dump');
	});
});

test('a directory that is not there is said for all three', async () => {
	const readings = await look([], '/nonexistent/place');
	for (const { state, reason } of Object.values(readings)) {
		expect([state, reason]).toEqual(['unknown', 'there is no directory /nonexistent/place on the host']);
	}
});

test('what the runbook does not watch stays so, whatever happens', async () => {
	const { backups, disk } = await look(null, '/nonexistent/place');
	expect(disk.reason).toContain('no directory');
	expect(backups.reason).toBe('not watched by the runbook');
});
