import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { restorePointStep, startRun } from '../../src/services/runner/runner.ts';
import { type Deployment, finish, localHost, makeDeployment, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

beforeEach(() => {
	deployment = makeDeployment();
	// No identity, as on most servers, and no Docker.
	host = localHost({
		...process.env,
		HOME: deployment.directory,
		GIT_CONFIG_NOSYSTEM: '1',
		DOCKER_HOST: 'unix:///no/docker.sock',
	});
});

afterEach(async () => {
	await host.close();
	deployment.remove();
});

const git = (...args: string[]): string =>
	execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
		cwd: deployment.directory,
		stdio: ['ignore', 'pipe', 'pipe'],
	})
		.toString()
		.trim();

const write = (name: string, text: string) => writeFileSync(join(deployment.directory, name), text);

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

const keep = async () => {
	const { id } = await startRun(host, {
		plan: deployment.plan([restorePointStep()]),
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

	// It is a way back: what was edited can be had again after everything was thrown away.
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
	expect(plain.output).toContain('NOT KEPT: the commit: ');
});

test('fails when nothing can be kept', async () => {
	mkdirSync(join(deployment.directory, 'empty'));
	const { run, output } = await keep();
	expect(run.state).toBe('failed');
	expect(output).toContain('nothing could be kept');
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
