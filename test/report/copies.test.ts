import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { appendToCopy, journalFolder, pruneCopies } from '../../src/services/files/journal-folder.ts';

const deployment = { host: 'ana@example.test', directory: '/srv/app' };
const day = 86_400_000;
let home: string | undefined;
afterEach(() => home !== undefined && rmSync(home, { recursive: true, force: true }));

/** Copies of runs of so many bytes, the oldest first, each so many days old. */
const copies = async (ages: readonly number[], bytes = 100) => {
	home = mkdtempSync(join(tmpdir(), 'backout-copies-'));
	const env = { XDG_STATE_HOME: home };
	const folder = journalFolder(deployment, env)[2];
	const ids = ages.map((_, at) => `20260101T0000${String(at).padStart(2, '0')}Z-abcdef`);
	await appendToCopy(deployment, ids[0] ?? '', maskSecrets(''), env);
	for (const [at, id] of ids.entries()) {
		const file = join(folder, `${id}.ndjson`);
		writeFileSync(file, 'x'.repeat(bytes));
		const time = new Date(Date.now() - (ages[at] ?? 0) * day);
		utimesSync(file, time, time);
	}
	const left = () =>
		readdirSync(folder)
			.sort()
			.map((name) => ids.indexOf(name.replace('.ndjson', '')));
	return { env, left };
};

test('copies older than runs are kept go, but never the newest ten', async () => {
	const { env, left } = await copies([200, 100, 100, 50, ...Array.from({ length: 9 }, () => 100)]);
	await pruneCopies(deployment, { keepMs: 90 * day, keepBytes: 1e9 }, env);
	expect(left()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('the oldest copies go while all of them take too much', async () => {
	const { env, left } = await copies(Array.from({ length: 14 }, () => 1));
	await pruneCopies(deployment, { keepMs: 90 * day, keepBytes: 1200 }, env);
	expect(left()).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
	await pruneCopies(deployment, { keepMs: 90 * day, keepBytes: 300 }, env);
	expect(left()).toHaveLength(10);
});
