import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { emergencyRestorePoint, restorePointStep, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, plainHost, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
}, plainHost);

const git = (...args: string[]): string => deployment.git(...args);
const write = (name: string, text: string): void => deployment.write(name, text);

const makeRepository = () => {
	git('init', '-q', '-b', 'main');
	write('app.txt', 'committed\n');
	write('staged.txt', 'committed\n');
	write('compose.yaml', 'services: {}\n');
	write('.gitignore', '.env\n');
	git('add', '.');
	git('commit', '-q', '-m', 'one');
	write('app.txt', 'local edit\n');
	write('staged.txt', 'staged edit\n');
	git('add', 'staged.txt');
	write('new.txt', 'untracked\n');
	write('.env', 'SECRET=1\n');
};

const keep = async (environment: Record<string, string> = {}) => {
	const { id } = await startRun(host, {
		plan: deployment.plan([restorePointStep()], { environment }),
		who,
		reason: '',
		state: deployment.state,
	});
	return { id, folder: join(deployment.state, 'runs', id, 'restore'), ...(await finish(host, deployment.where, id)) };
};

test('keeps commit, branch, local changes and files, and changes nothing', async () => {
	makeRepository();
	const before = [git('status', '--porcelain'), git('diff'), git('diff', '--cached'), git('stash', 'list')];
	const { id, run, folder, output } = await keep();
	expect(run.state).toBe('succeeded');
	expect([git('status', '--porcelain'), git('diff'), git('diff', '--cached'), git('stash', 'list')]).toEqual(before);
	expect(run.facts).toMatchObject({ commit: git('rev-parse', 'HEAD'), branch: 'main', restore_point: folder });
	expect(git('rev-parse', `refs/backout/${id}/head`)).toBe(run.facts.commit);
	expect(git('rev-parse', `refs/backout/${id}/changes`)).toBe(run.facts.local_changes);
	expect(readFileSync(join(folder, 'untracked'), 'utf8')).toBe('new.txt\n');
	const kept = join(folder, 'files', deployment.directory, '.env');
	expect(readFileSync(kept, 'utf8')).toBe('SECRET=1\n');
	expect(statSync(kept).mode & 0o077).toBe(0);
	expect(readFileSync(join(folder, 'files', deployment.directory, 'compose.yaml'), 'utf8')).toBe('services: {}\n');
	expect(output).toContain('NOT KEPT: images and containers: ');
	expect(output).toContain('NOT KEPT: 1 untracked files');

	// It makes an undo possible: an edit can be recovered after everything was discarded.
	git('reset', '-q', '--hard');
	git('stash', 'apply', '-q', '--index', run.facts.local_changes ?? '');
	expect(readFileSync(join(deployment.directory, 'app.txt'), 'utf8')).toBe('local edit\n');
	expect(git('diff', '--cached', '--name-only')).toBe('staged.txt');
});

test('a stale index.lock does not stop it: the changes are kept as a patch', async () => {
	makeRepository();
	write('.git/index.lock', '');
	const { run, folder } = await keep();
	rmSync(join(deployment.directory, '.git/index.lock'));
	expect(run.state).toBe('succeeded');
	git('reset', '-q', '--hard');
	git('apply', run.facts.local_changes === undefined ? join(folder, 'local-changes.patch') : '/dev/null');
	expect(readFileSync(join(deployment.directory, 'app.txt'), 'utf8')).toBe('local edit\n');
});

test('detached, clean, without a repository: says what there is', async () => {
	makeRepository();
	git('reset', '-q', '--hard');
	git('checkout', '-q', '--detach');
	const detached = await keep();
	expect(detached.run.state).toBe('succeeded');
	expect(detached.output).toContain('no branch (detached)');
	expect(detached.output).toContain('no local changes');
	expect(detached.run.facts.branch).toBeUndefined();
	rmSync(join(deployment.directory, '.git'), { recursive: true });
	const plain = await keep();
	expect(plain.run.state).toBe('succeeded');
	expect(plain.output).toContain(`NOT KEPT: the commit: ${deployment.directory} is in no git repository`);
});

test('fails when nothing can be kept', async () => {
	mkdirSync(join(deployment.directory, 'empty'));
	const { run, output } = await keep();
	expect(run.state).toBe('failed');
	expect(output).toContain('nothing could be saved');
});

test.runIf(process.getuid?.() === 0)(
	"as root in the repository of another user: nothing in it becomes root's",
	async () => {
		makeRepository();
		const root = join(deployment.directory, '..');
		execFileSync('chmod', ['755', root]);
		execFileSync('chown', ['-R', 'nobody', deployment.directory]);
		const { run, output } = await keep();
		expect(run.facts.local_changes, output).toMatch(/^[0-9a-f]{40}$/);
		expect(execFileSync('find', [deployment.directory, '-user', 'root']).toString()).toBe('');
	},
);

describe('what a plan would overwrite', () => {
	/** A commit that tracks what the one after it ignores; gives the older one. */
	const ignoredSince = (...paths: string[]): string => {
		git('init', '-q', '-b', 'main');
		for (const path of paths) {
			mkdirSync(join(deployment.directory, path, '..'), { recursive: true });
			write(path, 'as committed\n');
		}
		git('add', '.');
		git('commit', '-q', '-m', 'one');
		const first = git('rev-parse', 'HEAD');
		git('rm', '-q', '-r', ...paths);
		write('.gitignore', '*\n');
		git('add', '-f', '.gitignore');
		git('commit', '-q', '-m', 'two');
		return first;
	};
	const keptPath = (folder: string, path: string) => join(folder, 'files', deployment.directory, path);

	test('is kept: content, mode and owner, links as links, a folder that is in the place of a file', async () => {
		const commit = ignoredSince('local.ini', 'linked.ini', 'storage');
		write('local.ini', 'only here\n');
		chmodSync(join(deployment.directory, 'local.ini'), 0o640);
		symlinkSync('/etc/hostname', join(deployment.directory, 'linked.ini'));
		mkdirSync(join(deployment.directory, 'storage/empty'), { recursive: true });
		write('storage/rows', 'precious\n');
		const { run, folder, output } = await keep({ commit });
		expect(run.state, output).toBe('succeeded');
		expect(readFileSync(keptPath(folder, 'local.ini'), 'utf8')).toBe('only here\n');
		expect(readlinkSync(keptPath(folder, 'linked.ini'))).toBe('/etc/hostname');
		expect(readFileSync(keptPath(folder, 'storage/rows'), 'utf8')).toBe('precious\n');
		expect(statSync(keptPath(folder, 'storage/empty')).isDirectory()).toBe(true);
		expect(output).toContain(`kept: ${join(deployment.directory, 'local.ini')}`);
		expect(readFileSync(join(folder, 'file-modes'), 'utf8')).toMatch(/^640 \d+:\d+ .*local\.ini$/m);
	});

	test('and cannot be kept: then nothing is changed, and it is named', async () => {
		const commit = ignoredSince('queue');
		execFileSync('mkfifo', [join(deployment.directory, 'queue')]);
		const { run, output } = await keep({ commit });
		expect(run.state).toBe('failed');
		expect(output).toContain(`NOT KEPT: ${join(deployment.directory, 'queue')}, which a later step would overwrite`);
		expect(output).toContain('so nothing is changed');
	});

	test('env files and files that Compose files name are kept, wherever they are', async () => {
		makeRepository();
		mkdirSync(join(deployment.directory, 'deploy'));
		write('deploy/live.env', 'A=1\n');
		write('deploy/secret.txt', 's\n');
		write('deploy/base.yaml', 'services: {}\n');
		write(
			'deploy/live.yaml',
			'include: [base.yaml]\nservices:\n  web:\n    env_file:\n      - live.env\nsecrets:\n  s: { file: ./secret.txt }\n  t:\n    file: "./secret.txt"\n',
		);
		const { folder, output } = await keep({ compose_files: join(deployment.directory, 'deploy/live.yaml') });
		for (const path of ['deploy/live.yaml', 'deploy/live.env', 'deploy/secret.txt', 'deploy/base.yaml']) {
			expect(existsSync(keptPath(folder, path)), `${path}: ${output}`).toBe(true);
		}
	});

	test('data that the runbook names is copied', async () => {
		makeRepository();
		mkdirSync(join(deployment.directory, 'state'));
		write('state/positions.json', '[1]\n');
		const { folder, output } = await keep({ keep_paths: 'state\nnone' });
		expect(readFileSync(join(folder, 'data/state/positions.json'), 'utf8')).toBe('[1]\n');
		expect(output).toContain('none does not exist');
	});
});

describe('of an emergency stop', () => {
	const stop = async (restTimeoutSeconds: number, environment: Record<string, string> = {}) => {
		const { first, rest } = emergencyRestorePoint();
		const script = 'touch "$run_dir/stopped"';
		const { id } = await startRun(host, {
			plan: deployment.plan(
				[
					first,
					{ id: 'stop', title: 'Stop', kind: 'run', script, timeoutSeconds: 10 },
					{ ...rest, timeoutSeconds: restTimeoutSeconds },
				],
				{ environment },
			),
			who,
			reason: '',
			state: deployment.state,
			graceSeconds: 1,
		});
		return { id, folder: join(deployment.state, 'runs', id), ...(await finish(host, deployment.where, id)) };
	};

	test('the commit is noted before it, and the files are kept after it', async () => {
		makeRepository();
		const { run, folder, output } = await stop(60);
		expect(run.state, output).toBe('succeeded');
		expect(run.facts).toMatchObject({ commit: git('rev-parse', 'HEAD'), restore_point: join(folder, 'restore') });
		const kept = join(folder, 'restore/files', deployment.directory, '.env');
		expect(readFileSync(kept, 'utf8')).toBe('SECRET=1\n');
		expect(statSync(kept).ctimeMs).toBeGreaterThanOrEqual(statSync(join(folder, 'stopped')).ctimeMs);
	});

	test('it does not wait for a command that hangs in the place of Compose, nor fails with it', async () => {
		makeRepository();
		const command = join(deployment.directory, 'dc');
		writeFileSync(command, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
		const { run } = await stop(2, { compose_command: command });
		expect(run.steps.map(({ id, state }) => `${id} ${state}`)).toEqual([
			'restore-point succeeded',
			'stop succeeded',
			expect.stringMatching(/^keep-rest (failed|timed-out)$/),
		]);
		expect(run.state).toBe('succeeded');
	});
});
