import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, judge, type LabInfo, readLabInfo } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

describe.skipIf(withoutLab)('the main job from the command line', () => {
	let info: LabInfo;
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
		place = createWorkplace(info);
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	test('a healthy host passes the six checks, and status says all is well', async () => {
		const verified = await place.run('verify', '--wait', '2m', '--json');
		expect(verified.stderr).toBe('');
		expect(verified.code).toBe(0);
		const verdict = verified.json().at(-1) as { verdict: string; checks: { id: string; state: string }[] };
		expect(verdict.verdict).toBe('passed');
		expect(verdict.checks.map(({ id, state }) => `${id} ${state}`)).toEqual(
			['containers', 'health', 'gateway', 'errors', 'metrics', 'database'].map((id) => `${id} passed`),
		);
		const status = await place.run('status');
		expect(status.stdout).toContain('trading-engine');
		expect(status.code).toBe(0);
	});

	test('engine-crash brings a crash-looping engine back, verified, and the host agrees', { tags: 'long' }, async () => {
		info = await breakLab('crash-commit');
		expect((await place.run('verify')).code).toBe(1);
		expect((await place.run('status')).code).toBe(1);

		const run = await place.run('run', 'engine-crash', '--yes', '--reason', 'crash loop', '--json');
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		const events = run.json();
		expect(events.at(-1)).toMatchObject({ type: 'end', state: 'succeeded', verdict: 'passed', exitCode: 0 });
		const verdict = events.findLast(({ type }) => type === 'verification') as {
			checks: { id: string; state: string }[];
		};
		expect(verdict.checks.map(({ id }) => id)).toContain('version');
		expect((await hostExec('git rev-parse HEAD')).stdout.trim()).toBe(info.goodCommit);
		expect((await hostExec('git symbolic-ref --short HEAD')).stdout.trim()).toBe('main');
		expect(await judge()).toMatchObject({ ok: true });

		const [newest] = (await place.run('runs', '--json')).json();
		expect(newest).toMatchObject({
			procedure: 'engine-crash',
			state: 'succeeded',
			verdict: 'passed',
			reason: 'crash loop',
		});

		// The verdict on the commit is known at the next choice.
		const [inputs] = (await place.run('inputs', 'rollback-commit', '--json')).json() as unknown as {
			inputs: { choices: { value: string; marks: string[] }[] }[];
		}[];
		expect(inputs?.inputs[0]?.choices.find(({ value }) => value === info.goodCommit)?.marks).toEqual([
			'current',
			'good',
		]);
	});

	test('rollback-commit goes to the commit chosen, given by its short hash', { tags: 'long' }, async () => {
		const wanted = info.goodCommits.at(-2)?.hash ?? '';
		const run = await place.run('run', 'rollback-commit', '--input', `commit=${wanted.slice(0, 10)}`, '--yes');
		expect(run.stderr).toBe('');
		expect(run.stdout).toContain('done and verified');
		expect(run.code).toBe(0);
		expect((await hostExec('git rev-parse HEAD')).stdout.trim()).toBe(wanted);
	});

	test('a client killed in the middle of the build leaves a run that ends well; attach shows all of it', {
		tags: 'long',
	}, async () => {
		info = await breakLab('crash-commit');
		const client = place.start('run', 'engine-crash', '--yes', '--json');
		await client.until((stdout) => stdout.includes('"id":"build","state":"running"'));
		client.kill('SIGKILL');
		expect((await client.ended).signal).toBe('SIGKILL');

		const attached = await place.run('attach', 'last', '--json');
		expect(attached.code).toBe(0);
		const events = attached.json();
		const steps = events.filter(({ type, state }) => type === 'step' && state === 'succeeded').map(({ id }) => id);
		expect(steps).toEqual(['preconditions', 'restore-point', 'build', 'switch', 'recreate']);
		const output = events
			.filter(({ type }) => type === 'output')
			.map(({ text }) => text)
			.join('');
		expect(output).toContain('── docker');
		expect(output).toContain('Now at');
		expect(events.at(-1)).toMatchObject({ verdict: 'passed' });
		expect(await judge()).toMatchObject({ ok: true });
	});

	test('gateway-restart waits for the login and the engine is connected again', { tags: 'long' }, async () => {
		await breakLab('gateway-lost');
		expect((await place.run('verify')).code).toBe(1);
		const run = await place.run('run', 'gateway-restart', '--yes');
		expect(run.stdout).toContain('ibgateway is logged in');
		expect(run.code).toBe(0);
		expect(await judge()).toMatchObject({ ok: true });
	});

	test('disable-trading stops the engine and nothing else, and says when it is stopped already', {
		tags: 'long',
	}, async () => {
		const run = await place.run('run', 'disable-trading', '--yes', '--reason', 'drill');
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		const running = (await hostExec('docker ps --format "{{.Label \\"com.docker.compose.service\\"}}"')).stdout;
		expect(running).not.toContain('trading-engine');
		expect(running).toContain('grafana');
		const again = await place.run('run', 'disable-trading', '--yes');
		expect(again.stdout).toContain('stopped already');
		expect(again.code).toBe(0);
	});

	test('without confirmation, read-only, or with an unknown commit nothing is changed', async () => {
		const before = (await hostExec('git rev-parse HEAD; docker ps --no-trunc -q | sort')).stdout;
		const unconfirmed = await place.run('run', 'engine-crash');
		expect(unconfirmed.code).toBe(4);
		expect(unconfirmed.stderr).toContain('--yes');
		const readOnly = await place.run('--read-only', 'run', 'engine-crash', '--yes');
		expect(readOnly.code).toBe(4);
		expect(readOnly.stderr).toContain('read-only');
		const unknown = await place.run('run', 'rollback-commit', '--input', 'commit=$(reboot)', '--yes');
		expect(unknown.code).toBe(4);
		expect(unknown.stderr).toContain('no commit and no tag of that name');
		// An input that has no preset.
		const missing = await place.run('run', 'config-error', '--yes');
		expect(missing.code).toBe(2);
		expect((await hostExec('git rev-parse HEAD; docker ps --no-trunc -q | sort')).stdout).toBe(before);
	});

	test('without SSH, on the host itself, it is the same', { tags: 'long' }, async () => {
		const here = createWorkplace(
			info,
			{ host: 'local' },
			{ DOCKER_HOST: `unix://${info.dockerSocket}`, PATH: info.path },
		);
		expect((await here.run('verify', '--wait', '2m')).code).toBe(0);
		const run = await here.run('run', 'gateway-restart', '--yes');
		expect(run.stdout).toMatch(/done and verified/);
		expect(run.code).toBe(0);
		here.remove();
	});

	test('by a jump host, and by an alias of the SSH config', { tags: 'long' }, async () => {
		const ownConfig = { sshConfig: info.sshConfig, identityFile: undefined, knownHosts: undefined };
		const jumped = createWorkplace(info, { host: 'lab-via-jump', ...ownConfig });
		const status = await jumped.run('status', '--json');
		expect(status.json()[0]).toMatchObject({ type: 'status', link: { status: 'up' } });
		jumped.remove();
		const alias = createWorkplace(info, { host: 'lab', ...ownConfig });
		expect((await alias.run('procedures', '--json')).code).toBe(0);
		expect((await alias.run('status', '--json')).json()[0]).toMatchObject({ link: { status: 'up' } });
		alias.remove();
	});

	test('a run can be cancelled from elsewhere, and the host is left as the journal says', {
		tags: 'long',
	}, async () => {
		await breakLab('gateway-never');
		const client = place.start('run', 'gateway-restart', '--yes', '--json');
		await client.until((stdout) => stdout.includes('"id":"login","state":"running"'));
		const second = await place.run('run', 'disable-trading', '--yes');
		expect(second.code).toBe(4);
		expect(second.stderr).toContain('gateway-restart');
		expect((await place.run('cancel', 'last')).code).toBe(0);
		expect((await client.ended).code).toBe(130);
		const [newest] = (await place.run('runs', '--json')).json();
		expect(newest).toMatchObject({ procedure: 'gateway-restart', state: 'cancelled' });
	});
});
