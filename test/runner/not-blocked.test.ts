import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import notBlocked from '../../src/application/plans/not-blocked.sh';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { quote } from '../../src/runbook/shell-quote.ts';
import { blockedFunctions, noteVerifiedDeployment } from '../../src/services/runner/blocked/blocks.ts';
import { type Deployment, localHost, makeDeployment, who } from './fixture.ts';
import { describeShells, shellPath } from './shells.ts';

const [goodImage, badImage] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
let deployment: Deployment;
let good: string;
let bad: string;
let fix: string;

const git = (...args: string[]) =>
	execFileSync('git', ['-C', deployment.directory, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
		encoding: 'utf8',
	}).trim();
const commit = (subject: string): string => {
	git('commit', '-q', '--allow-empty', '-m', subject);
	return git('rev-parse', 'HEAD');
};

/** Moves a branch of the remote; the clone does not know it yet. */
const onRemote = (branch: string, hash: string) =>
	execFileSync('git', ['-C', join(dirname(deployment.directory), 'upstream.git'), 'branch', '-f', branch, hash]);

/** A clone at the good version; its remote has the others. The bad one was rolled back, with its image. */
const openClone = async (images: readonly string[] = [badImage]) => {
	const upstream = join(dirname(deployment.directory), 'upstream.git');
	git('init', '-q', '-b', 'main');
	[good, bad, fix] = ['good', 'bad', 'fix'].map(commit) as [string, string, string];
	git('branch', 'all');
	execFileSync('git', ['clone', '-q', '--bare', deployment.directory, upstream]);
	git('reset', '-q', '--hard', good);
	onRemote('main', good);
	git('remote', 'add', 'origin', upstream);
	git('fetch', '-q');
	git('branch', '-q', '-u', 'origin/main');
	git('branch', '-q', '-D', 'all');
	const host = localHost();
	await noteVerifiedDeployment(host, deployment.where, {
		run: '20260101T000000Z-aaaaaa',
		who,
		reason: maskSecrets('orders fail'),
		rolledBack: { commit: bad, images },
		commit: good,
		blockMs: 60_000,
		lift: [],
	});
	await host.close();
};

beforeEach(() => {
	deployment = makeDeployment();
});
afterEach(() => deployment.remove());

describeShells('what a command would deploy, under %s', (shell) => {
	const tags = shell === 'dash' ? [] : ['long'];
	const judge = (running: string, ...command: readonly string[]) => {
		const script = `running_images() { echo ${running}; }\n${blockedFunctions}\n${notBlocked}`;
		const { status, stdout, stderr } = spawnSync(
			shellPath(shell),
			[...(shell === 'busybox' ? ['sh'] : []), '-c', script],
			{
				encoding: 'utf8',
				cwd: deployment.directory,
				stdio: ['ignore', 'pipe', 'pipe'],
				env: {
					SHLVL: '1',
					PATH: process.env.PATH,
					state_dir: deployment.state,
					directory: deployment.directory,
					locked_command: command.map(quote).join(' '),
				},
			},
		);
		expect(stderr).toBe('');
		return `${status === 0 ? 'may run' : 'refused'}: ${stdout.trim()}`;
	};
	const leadsTo = (hash: string) => new RegExp(`^may run: .*is blocked \\(commit ${bad} .*leads to commit ${hash}$`);

	test('is refused where it names or fetches the blocked one, also if the clone does not know that yet', {
		tags,
	}, async () => {
		await openClone();
		onRemote('main', bad);
		expect(judge(goodImage, 'git', 'checkout', bad.slice(0, 9))).toMatch(/^refused: "[0-9a-f]{9}" in the command/);
		expect(judge(goodImage, 'sh', '-c', 'git pull -q && make')).toMatch(
			/^refused: what git pull would get from origin/,
		);
		expect(judge(goodImage, 'sh', '-c', 'git fetch&&git reset --hard origin/main')).toMatch(
			/^refused: "origin\/main" in the command: commit .*\(orders fail\)/,
		);
		expect(judge(goodImage, 'docker', 'compose', 'up', '-d')).toMatch(/^may run: no blocked version/);
		onRemote('main', fix);
		expect(judge(goodImage, 'sh', '-c', 'git pull && make')).toMatch(/^may run: no blocked version/);
	});

	test('may be a fix while the blocked one runs, by each way to deploy it', { tags }, async () => {
		await openClone();
		onRemote('main', bad);
		git('pull', '-q', '--ff-only');
		onRemote('hotfix', fix);
		for (const words of [
			['git', 'checkout', fix],
			['git', 'pull', 'origin', 'hotfix'],
			['sh', '-c', `git checkout main; git merge ${fix.slice(0, 10)}`],
		]) {
			expect(judge(badImage, ...words), words.join(' ')).toMatch(leadsTo(fix));
		}
		expect(judge(badImage, 'git', 'pull')).toMatch(/^refused: what git pull would get/);
		expect(judge(badImage, 'sh', '-c', `git checkout main && make`)).toMatch(/^refused: "main" in the command/);
		onRemote('main', fix);
		for (const line of [
			'git pull --ff-only && make',
			'git checkout main && git pull origin main && make',
			'git fetch -q && git reset -q --hard origin/main',
			'git fetch; git reset --hard @{u}',
		]) {
			expect(judge(badImage, 'sh', '-c', line), line).toMatch(leadsTo(fix));
		}
		writeFileSync(join(deployment.directory, 'deploy.sh'), 'git pull\nmake\n');
		expect(judge(badImage, './deploy.sh')).toMatch(leadsTo(fix));
		expect(judge(badImage, 'make', 'deploy')).toMatch(/^may run: .*is blocked .*is judged afterwards$/);
	});

	test('must be shown to be another one where the blocked one is checked out and does not run', { tags }, async () => {
		await openClone();
		git('reset', '-q', '--hard', bad);
		expect(judge(goodImage, 'docker', 'compose', 'up', '-d')).toMatch(
			/^refused: the version that is checked out does not run, and nothing in the command shows/,
		);
		onRemote('main', fix);
		expect(judge(goodImage, 'git', 'pull')).toMatch(leadsTo(fix));
	});

	test('is judged afterwards where images do not tell whether the blocked one runs', { tags: 'long' }, async () => {
		await openClone([]);
		git('reset', '-q', '--hard', bad);
		expect(judge(goodImage, './restart')).toMatch(/^may run: .*is judged afterwards$/);
	});
});
