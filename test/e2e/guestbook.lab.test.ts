import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { healGuestbook, healLab, hostExec, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

/** Another Compose project on the same host, with a runbook of its own: test/lab/guestbook.yaml. */
describe.skipIf(withoutLab)('a project that the program knows nothing of', () => {
	let book: NonNullable<LabInfo['guestbook']>;
	let place: Workplace;
	const run = (...args: string[]) => place.run('--target', 'guestbook', ...args);
	const page = async (path: string) => (await fetch(`http://127.0.0.1:${book.port}${path}`)).text();

	beforeAll(async () => {
		await healLab();
		await healGuestbook();
		place = createWorkplace(readLabInfo());
	});
	beforeEach(async () => {
		book = await healGuestbook();
	});
	afterAll(async () => {
		await healGuestbook();
		place?.remove();
	});

	test('status and verify', async () => {
		const verified = await run('verify', '--wait', '1m', '--json');
		expect(verified.stderr).toBe('');
		expect(verified.json().at(-1)).toMatchObject({ verdict: 'passed' });
		const status = await run('status');
		expect(status.stdout).toContain('worker');
		expect(status.stdout).toContain('Entries 2');
		expect(status.stdout).not.toContain('trading-engine');
		expect(status.code).toBe(0);
	});

	test('rollback-commit goes back a commit and leaves the rest of the host alone', { tags: 'long' }, async () => {
		const others = `docker ps -q --no-trunc --filter label=com.docker.compose.project=abstractfinance | sort`;
		const before = (await hostExec(others)).stdout;
		const wanted = book.commits[1];
		const rolled = await run('run', 'rollback-commit', '--input', `commit=${wanted?.hash}`, '--yes');
		expect(rolled.stderr).toBe('');
		expect(rolled.stdout).toContain('done and verified');
		expect(rolled.code).toBe(0);
		expect(JSON.parse(await page('/healthz'))).toMatchObject({ version: wanted?.version, entries: 2 });
		expect((await hostExec('git -C "$1" rev-parse HEAD', [book.directory])).stdout.trim()).toBe(wanted?.hash);
		expect((await hostExec(others)).stdout).toBe(before);
	});

	test('a procedure of its own, with a precondition, a check and a restore point of its own', {
		tags: 'long',
	}, async () => {
		const sure = ['--confirm', 'guestbook', '--reason', 'spam'];
		const emptied = await run('run', 'new-book', ...sure);
		expect(emptied.stderr).toBe('');
		expect(emptied.code).toBe(0);
		expect(await page('/')).toBe('\n');
		const kept = await hostExec('cat "$1"/runs/*/restore/entries.txt', [`${place.folder}/state-guestbook`]);
		expect(kept.stdout).toBe('lovely\nhello from Graz\n');
		const again = await run('run', 'new-book', ...sure);
		expect(again.code).toBe(4);
		expect(again.stderr).toContain('the book is empty');
	});

	test('init writes a config and a runbook that work without an edit, and never over another', async () => {
		const { sshHost, sshPort, user, identityFile, knownHosts } = readLabInfo();
		const reach = [`${user}@${sshHost}:${sshPort}`, '--identity-file', identityFile, '--known-hosts', knownHosts];
		const unsure = await place.run('init', ...reach, '--output', 'new');
		expect(unsure.stderr).toMatch(/several deployments: abstractfinance in .*, guestbook in/);
		expect(unsure.code).toBe(2);
		const written = await place.run('init', ...reach, '--output', 'new', '--project', 'guestbook');
		expect(written.stderr).toBe('');
		expect(written.stdout).toContain('web (rolled back), worker');
		const own = ['--config', 'new/backout.yaml'];
		expect((await place.run(...own, 'check')).stdout).toContain('1 target: guestbook');
		const verified = await place.run(...own, 'verify', '--wait', '3m', '--json');
		expect(verified.json().at(-1)).toMatchObject({
			verdict: 'passed',
			checks: [{ id: 'containers' }, { id: 'health' }, { id: 'metrics' }],
		});
		const dashboard = place.open(own);
		await dashboard.waitFor('all 3 checks pass');
		await dashboard.waitFor('Entries');
		await dashboard.close();
		const again = await place.run('init', ...reach, '--output', 'new', '--project', 'guestbook');
		expect(again.stderr).toContain('already exists');
		expect(again.code).toBe(2);
	});

	test('stop-everything and start-everything, inherited, act on this project alone', { tags: 'long' }, async () => {
		const running = async () => (await hostExec(`docker ps --format '{{.Label "com.docker.compose.project"}}'`)).stdout;
		const stopped = await run('run', 'stop-everything', '--confirm', 'guestbook', '--reason', 'drill');
		expect(stopped.code).toBe(0);
		expect(await running()).not.toContain('guestbook');
		expect(await running()).toContain('abstractfinance');
		const started = await run('run', 'start-everything', '--yes');
		expect(started.code).toBe(0);
		expect((await running()).match(/guestbook/g)).toHaveLength(2);
	});
});
