import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { keepVerifiedImages } from '../../src/application/runs/keep-verified-images.ts';
import type { Run, RunVerdict } from '../../src/runbook/run.ts';
import { maskDeep } from '../../src/runbook/secrets-deep.ts';
import type { Host } from '../../src/services/host/host.ts';
import { markCommit, readCommitMarks } from '../../src/services/runner/known-good/commits.ts';
import {
	appendVerdict,
	emergencyRestorePoint,
	listRuns,
	restorePointStep,
	startRun,
} from '../helpers/compose-runner.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';
import { type Disk, diskMissing, makeDisk } from './disk.ts';
import { type Deployment, finish, localHost, makeDeployment, readOnlySession, step, who } from './fixture.ts';

const missing = diskMissing();
if (missing !== undefined) {
	console.warn(`skipped: ${missing}`);
}

describe.skipIf(missing !== undefined)('after a power cut', () => {
	let disk: Disk;
	let deployment: Deployment;
	let host: Host;

	beforeEach(async () => {
		disk = await makeDisk();
		deployment = makeDeployment(disk.folder);
		host = localHost({ ...process.env, HOME: deployment.directory, DOCKER_HOST: 'unix:///no/docker.sock' });
		git('init', '-q', '-b', 'main');
		write('app.txt', 'committed\n');
		write('compose.yaml', 'services: {}\n');
		write('.gitignore', '.env\n');
		git('add', '.');
		git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '-m', 'one');
		write('.env', 'SECRET=1\n');
		execFileSync('sync', ['-f', disk.folder]);
		write('app.txt', 'local edit\n');
	});
	afterEach(async () => {
		await host.close();
		await disk.remove();
	});

	const write = (name: string, text: string) => writeFileSync(join(deployment.directory, name), text);
	const git = (...args: string[]) => execFileSync('git', args, { cwd: deployment.directory }).toString().trim();
	const started = async (steps: Parameters<Deployment['plan']>[0]) => {
		const { id } = await startRun(host, { plan: deployment.plan(steps), who, reason: '', state: deployment.state });
		return { id, ...(await finish(host, deployment.where, id)) };
	};
	/** The first change: what has reached the disk by then is all there is afterwards. */
	const change = () => step('change', `cp '${disk.image}' '${disk.cut}'; echo changed >app.txt`);
	/** A path of the deployment's disk on the disk of after the cut. */
	const after = async () => {
		const again = await disk.start();
		return (path: string) => join(again, relative(disk.folder, path));
	};

	test('in the first change the restore point is whole: files, commits, and the run in the journal', async () => {
		const { id } = await started([restorePointStep(), change()]);
		const at = await after();
		const restore = join(at(deployment.state), 'runs', id, 'restore');
		expect(readFileSync(join(restore, 'files', deployment.directory, '.env'), 'utf8')).toBe('SECRET=1\n');
		const onDisk = (...args: string[]) => execFileSync('git', args, { cwd: at(deployment.directory) }).toString();
		const kept = onDisk('for-each-ref', '--format=%(refname)', 'refs/backout').trim().split('\n');
		expect(onDisk('show', `${kept.find((ref) => onDisk('show', `${ref}:app.txt`) === 'local edit\n')}:app.txt`)).toBe(
			'local edit\n',
		);
		const runs = await listRuns(host, { directory: at(deployment.directory), state: at(deployment.state) });
		expect(runs.map((run) => [run.id, run.state])).toEqual([[id, 'lost']]);
		expect(readFileSync(join(at(deployment.state), 'runs', id, 'records'), 'utf8')).toMatch(
			/^end \d+ \d+-restore-point .* 0$[\s\S]*^begin \d+ \d+-change /m,
		);
	});

	test('in an emergency stop what ran is noted on the disk', async () => {
		const { first, rest } = emergencyRestorePoint();
		const { id } = await started([first, change(), rest]);
		const at = await after();
		const commit = readFileSync(join(at(deployment.state), 'runs', id, 'facts'), 'utf8');
		expect(commit).toContain(git('rev-parse', 'HEAD'));
	});

	test('what was said of a run is true: how it ended, and its verdict', async () => {
		const { id, run } = await started([restorePointStep(), step('change', 'echo changed >app.txt')]);
		expect(run.state).toBe('succeeded');
		disk.cutPower();
		const at = await after();
		const where = { directory: at(deployment.directory), state: at(deployment.state) };
		expect((await listRuns(host, where)).map(({ state }) => state)).toEqual(['succeeded']);
		expect(existsSync(join(where.state, 'runs', id, 'verdicts'))).toBe(false);
	});

	test('a version that was said to be known good still is', async () => {
		const commit = git('rev-parse', 'HEAD');
		const { id } = await started([step('change', 'echo changed >app.txt')]);
		await markCommit(host, deployment.where, { commit, verdict: 'passed', run: id, at: 1 });
		disk.cutPower();
		const at = await after();
		const where = { directory: at(deployment.directory), state: at(deployment.state) };
		expect([...(await readCommitMarks(host, where))]).toEqual([[commit, 'good']]);
	});

	test('it is known which images were kept after a verification', async () => {
		const { id, run } = await started([step('save', 'printf "restore_point\\tx\\n" >>"$run_facts"')]);
		const engine = createMemoryEngine();
		const restorePoint = { ...engine.shell.restorePoint, verified: "pin_verified() { printf 'web\\tsha256:1\\n'; }" };
		const session = {
			...readOnlySession(deployment, host),
			readOnly: false,
			engine: { ...engine, shell: { ...engine.shell, restorePoint } },
		};
		const verified = { ...run, verified: { verdict: 'passed' } };
		await keepVerifiedImages(session as unknown as Session, verified as unknown as Run);
		disk.cutPower();
		const at = await after();
		expect(readFileSync(at(join(deployment.state, 'runs', id, 'facts')), 'utf8')).toContain('verified.web\tsha256:1\n');
	});

	test('a verdict that was kept is there', async () => {
		const { id } = await started([step('change', 'echo changed >app.txt')]);
		const verdict: RunVerdict = { verdict: 'passed', at: Date.now(), checks: [] } as unknown as RunVerdict;
		await appendVerdict(host, deployment.where, id, maskDeep<RunVerdict>(verdict));
		disk.cutPower();
		const at = await after();
		expect(readFileSync(join(at(deployment.state), 'runs', id, 'verdicts'), 'utf8')).toContain('"passed"');
	});
});
