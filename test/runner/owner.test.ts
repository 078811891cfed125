import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { composeShell } from '../../src/engines/compose/shell.ts';
import { quote } from '../../src/runbook/shell-quote.ts';
import type { Host } from '../../src/services/host/host.ts';
import { shellCommand } from '../../src/services/host/shell-program.ts';
import { newRunId } from '../../src/services/runner/client/run-id.ts';
import { startProgram } from '../../src/services/runner/client/start-run.ts';
import { restorePointStep, startRun } from '../helpers/compose-runner.ts';
import { withoutUsers } from '../helpers/without-users.ts';
import { type Deployment, finish, localHost, makeDeployment, step, who } from './fixture.ts';

const owner = 'backout-own-t';
const member = 'backout-mem-t';

/** The environment of every plan: git refuses another user's work tree. */
const trusted = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };

const id = (user: string, flag = '-u'): number => Number(execFileSync('id', [flag, user]).toString());

describe.skipIf(withoutUsers)('a deployment of another user', () => {
	let deployment: Deployment;
	let host: Host;

	beforeAll(() => {
		for (const user of [owner, member]) {
			// The group stays behind while another user is in it.
			spawnSync('userdel', [user]);
			spawnSync('groupdel', [user]);
			execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', '--user-group', user]);
		}
		execFileSync('usermod', ['-aG', owner, member]);
	});
	afterAll(() => {
		for (const user of [member, owner]) {
			spawnSync('userdel', [user]);
			spawnSync('groupdel', [user]);
		}
	});

	beforeEach(() => {
		deployment = makeDeployment();
		host = localHost({ ...process.env, HOME: '/root', DOCKER_HOST: 'unix:///no/docker.sock' });
		chmodSync(dirname(deployment.directory), 0o755);
		execFileSync('git', ['-C', deployment.directory, 'init', '-q', '-b', 'main']);
		execFileSync('git', [
			...['-C', deployment.directory, '-c', 'user.name=t', '-c', 'user.email=t@t'],
			...['commit', '-q', '--allow-empty', '-m', 'one'],
		]);
		execFileSync('chown', ['-R', `${owner}:${owner}`, deployment.directory]);
		mkdirSync(deployment.state, { mode: 0o700 });
		chownSync(deployment.state, id(owner), id(owner, '-g'));
	});
	afterEach(async () => {
		await host.close();
		deployment.remove();
	});

	/** Starts it like a login of that user. */
	const startAs = (user: string, script: string): string => {
		const run = newRunId();
		const program = startProgram('mark', run, {
			shell: composeShell,
			plan: deployment.plan([restorePointStep(), step('work', script)], { environment: trusted }),
			who,
			reason: '',
			state: deployment.state,
		});
		const said = spawnSync('runuser', ['-u', user, '--', 'sh', '-c', shellCommand], { input: program, cwd: '/' });
		expect(said.stdout.toString(), said.stderr.toString()).toContain('started');
		return run;
	};

	// Like a build: root creates the folder for the tree, git creates the tree as the owner.
	const build =
		'git worktree add --detach "$run_dir/tree" HEAD && git -C "$run_dir/tree" status >/dev/null && rm -rf "$run_dir/tree"';

	test("root's runs can be entered by the owner's git, and the owner's own runs work afterwards", async () => {
		const { id: first } = await startRun(host, {
			plan: deployment.plan([restorePointStep(), step('work', build)]),
			who,
			reason: '',
			state: deployment.state,
		});
		const done = await finish(host, deployment.where, first);
		expect(done.run.state, done.output).toBe('succeeded');
		expect(statSync(join(deployment.state, 'runs')).uid).toBe(id(owner));
		expect(execFileSync('find', [deployment.state, deployment.directory, '-user', 'root']).toString()).toBe('');

		const second = startAs(owner, 'id -un');
		const ended = await finish(host, deployment.where, second);
		expect(ended.run.state, ended.output).toBe('succeeded');
		expect(ended.output).toContain(owner);
	});

	test('a run of root is not started in a folder that the owner, as whom git works there, cannot reach', async () => {
		const hidden = join(dirname(deployment.directory), 'hidden');
		mkdirSync(hidden, { mode: 0o700 });
		const started = startRun(host, {
			plan: deployment.plan([step('work', build)]),
			who,
			reason: '',
			state: join(hidden, 'state'),
		});
		await expect(started).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining(`${owner}, who owns ${deployment.directory}, cannot enter ${hidden}/state/runs`),
		});
	});

	test("a folder of runs that an earlier version left to root is the owner's again after root's next run", async () => {
		mkdirSync(join(deployment.state, 'runs'), { mode: 0o700 });
		const { id: run } = await startRun(host, {
			plan: deployment.plan([step('work', build)]),
			who,
			reason: '',
			state: deployment.state,
		});
		const done = await finish(host, deployment.where, run);
		expect(done.run.state, done.output).toBe('succeeded');
		expect(statSync(join(deployment.state, 'runs')).uid).toBe(id(owner));
	});

	test('a second member of the group runs after root and after the owner, and they after him', async () => {
		chmodSync(deployment.directory, 0o2775);
		execFileSync('chmod', ['-R', 'g+rwX', deployment.directory]);
		execFileSync('git', [
			'-C',
			deployment.directory,
			'-c',
			'safe.directory=*',
			'config',
			'core.sharedRepository',
			'group',
		]);
		chmodSync(deployment.state, 0o2770);
		const { id: first } = await startRun(host, {
			plan: deployment.plan([restorePointStep()]),
			who,
			reason: '',
			state: deployment.state,
		});
		expect((await finish(host, deployment.where, first)).run.state).toBe('succeeded');
		for (const user of [member, owner, member]) {
			const ended = await finish(host, deployment.where, startAs(user, 'id -un'));
			expect(ended.run.state, ended.output).toBe('succeeded');
			const kept = join(deployment.state, 'runs', ended.run.id, 'restore');
			expect(existsSync(kept)).toBe(true);
			for (const other of [owner, member]) {
				expect(
					spawnSync('runuser', [
						'-u',
						other,
						'--',
						'sh',
						'-c',
						`find ${quote(kept)} -type f ! -readable`,
					]).stdout.toString(),
				).toBe('');
			}
		}
	});
});
