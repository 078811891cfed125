import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { listRuns, lockHolder, readOutput, readRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

describeShells('a run under %s', (shell) => {
	let deployment: Deployment;
	let host: Host;

	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
		},
		(made) => hostWithShell(shell, made),
	);

	const start = (plan: ReturnType<Deployment['plan']>, reason = 'because') =>
		startRun(host, { plan, who, reason, state: deployment.state, graceSeconds: 1 });

	test('runs its steps in order and keeps output, facts and times', async () => {
		const { id } = await start(
			deployment.plan([
				step('one', 'echo first; printf "image\\tsha256:abc\\n" >>"$run_facts"; pwd'),
				step('two', 'echo second >&2; printf "note\\ttwo words\\n" >>"$run_facts"'),
				step('three', 'echo third; ls "$restore_dir" && test -d "$state_dir" && echo "$run_id"'),
			]),
		);
		const { run, output } = await finish(host, deployment.where, id);
		expect(output).toBe(`first\n${deployment.directory}\nsecond\nthird\n${id}\n`);
		expect(run).toMatchObject({ state: 'succeeded', exitCode: 0, who, reason: 'because', outputBytes: output.length });
		expect(run.steps.map(({ state, exitCode }) => [state, exitCode])).toEqual([
			['succeeded', 0],
			['succeeded', 0],
			['succeeded', 0],
		]);
		expect(run.steps.map(({ outputFrom, outputTo }) => output.slice(outputFrom, outputTo))[1]).toBe('second\n');
		expect(run.facts).toEqual({ image: 'sha256:abc', note: 'two words' });
		expect(run.endedAt).toBeGreaterThanOrEqual(run.startedAt);
		expect(Math.abs(run.startedAt - Date.now())).toBeLessThan(60_000);
		expect(await lockHolder(host, deployment.where)).toBeUndefined();
		expect(readdirSync(deployment.directory)).toEqual([]);
		expect(readFileSync(join(deployment.state, 'runs', id, 'supervisor.err'), 'utf8')).toBe('');
	});

	test('stops at the first step that fails', async () => {
		const { id } = await start(deployment.plan([step('a', 'echo a'), step('b', 'exit 7'), step('c', 'echo c')]));
		const { run, output } = await finish(host, deployment.where, id);
		expect(output).toBe('a\n');
		expect(run).toMatchObject({ state: 'failed', exitCode: 7 });
		expect(run.steps.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'skipped']);
	});

	test('goes on after a step that may fail', async () => {
		const { id } = await start(deployment.plan([step('a', 'exit 3', { mayFail: true }), step('b', 'echo b')]));
		const { run } = await finish(host, deployment.where, id);
		expect(run.state).toBe('succeeded');
		expect(run.steps.map(({ state, exitCode }) => [state, exitCode])).toEqual([
			['failed', 3],
			['succeeded', 0],
		]);
	});

	test('a deployment has one lock, whichever state folder a config names', async () => {
		const other = { directory: deployment.directory, state: `${deployment.state}-2` };
		const waits = step('wait', 'until [ -e go ]; do sleep 0.1; done; rm go');
		const { id } = await start(deployment.plan([waits]));
		const second = () => startRun(host, { plan: deployment.plan([step('a', 'true')]), who, reason: '', ...other });
		await expect(second()).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('is locked by a run whose records are not in'),
		});
		writeFileSync(join(deployment.directory, 'go'), '');
		await finish(host, deployment.where, id);
		const started = await second();
		expect((await finish(host, other, started.id)).run.state).toBe('succeeded');
	});

	test('a wait ends as soon as its condition holds, and says only what changed', async () => {
		const { id } = await start(
			deployment.plan([
				step(
					'until',
					'n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n; test $n -ge 3 && echo "there" || { echo "not yet"; exit 1; }',
					{
						kind: 'wait',
						timeoutSeconds: 50,
						intervalSeconds: 1,
					},
				),
				step('after', 'echo after'),
			]),
		);
		const { run, output } = await finish(host, deployment.where, id);
		expect(output).toBe('not yet\nthere\nafter\n');
		expect(run.state).toBe('succeeded');
		expect((run.endedAt ?? 0) - run.startedAt).toBeLessThan(40_000);
	});

	test('a wait whose time is up has failed; a countdown has succeeded', async () => {
		const { id } = await start(
			deployment.plan([
				step('countdown', '', { kind: 'wait', timeoutSeconds: 1 }),
				step('never', 'echo "no"; exit 1', { kind: 'wait', timeoutSeconds: 2, intervalSeconds: 1 }),
				step('after', 'echo after'),
			]),
		);
		const { run, output } = await finish(host, deployment.where, id);
		expect(output).toBe('no\nnot so after 2 s (the last look gave 1)\n');
		expect(run).toMatchObject({ state: 'failed', exitCode: 124 });
		expect(run.steps.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'skipped']);
	});

	test('any text arrives as it was written', async () => {
		const hostile = [
			`it's "quoted" $(touch /tmp/pwned) \`id\` \\ back\\\\slash \\n`,
			'two\nlines\n\n',
			'ünïcødé 日本語 🚀 \u0081\u0082\u0088',
			`'; exit 3; echo '`,
			'EOF\nEOF\n',
			'x'.repeat(10_000),
			'',
			' leading and trailing ',
			'%s %d %% -n -e',
		];
		const environment = Object.fromEntries(hostile.map((value, index) => [`value_${index}`, value]));
		const script = hostile.map((_, index) => `printf '%s' "$value_${index}" >value_${index}`).join('\n');
		const reason = hostile.join('|');
		const { id } = await start(
			deployment.plan([step('write', `${script}\necho '${'ü日本🚀'.repeat(5)}' # it's \\ fine`)], { environment }),
			reason,
		);
		const { run, output } = await finish(host, deployment.where, id);
		expect(run.state).toBe('succeeded');
		expect(output).toBe(`${'ü日本🚀'.repeat(5)}\n`);
		expect(run.reason).toBe(reason);
		expect(run.plan.environment).toEqual(environment);
		for (const [index, value] of hostile.entries()) {
			expect(readFileSync(join(deployment.directory, `value_${index}`), 'utf8')).toBe(value);
		}
		expect((await listRuns(host, deployment.where))[0]?.reason).toBe(reason);
	});

	test('steps get a plain environment: no input, umask and SIGPIPE as at a login, nothing of the supervisor', async () => {
		const { id } = await start(
			deployment.plan([
				step(
					'pipe',
					'seq 1 100000 | head -n 1; umask; cat; touch made; env | grep -c -E "^(plan|about|locked|configured|private)="',
				),
			]),
		);
		const { output } = await finish(host, deployment.where, id);
		expect(output).toMatch(/^1\n[0-7]+\n0\n$/);
		expect(Number.parseInt(output.split('\n')[1] ?? '', 8)).toBe(process.umask());
		expect(statSync(join(deployment.directory, 'made')).mode & 0o777).toBe(0o666 & ~process.umask());
		for (const name of ['', 'runs', `runs/${id}`]) {
			expect(statSync(join(deployment.state, name)).mode & 0o777).toBe(0o700);
		}
		for (const name of ['plan.json', 'environment', 'out', 'records']) {
			expect(statSync(join(deployment.state, 'runs', id, name)).mode & 0o777).toBe(0o600);
		}
	});

	test('the same id twice runs once', async () => {
		const plan = deployment.plan([step('once', 'echo x >>ran; sleep 1')]);
		const id = '20261122T203501Z-3fa9c1';
		const options = { plan, who, reason: '', state: deployment.state, id };
		const [one, two] = await Promise.all([startRun(host, options), startRun(host, options)]);
		const three = await startRun(host, options);
		expect([one, two, three]).toEqual([{ id }, { id }, { id }]);
		await finish(host, deployment.where, id);
		await startRun(host, options);
		expect(readFileSync(join(deployment.directory, 'ran'), 'utf8')).toBe('x\n');
	});

	test('of several starts at once one runs, and the others are told who and why', async () => {
		const plan = deployment.plan([step('slow', 'echo x >>ran; while [ ! -e go ]; do sleep 0.1; done')]);
		const starts = await Promise.allSettled(
			[1, 2, 3, 4].map((number) =>
				startRun(host, {
					plan,
					who: { user: `user${number}`, machine: 'm' },
					reason: `reason ${number}`,
					state: deployment.state,
				}),
			),
		);
		const won = starts.filter((start) => start.status === 'fulfilled');
		const refused = starts.filter((start) => start.status === 'rejected').map(({ reason }) => reason);
		expect(won).toHaveLength(1);
		const holder = await lockHolder(host, deployment.where);
		const id = won[0]?.value.id ?? '';
		expect(holder).toMatchObject({ run: id, procedure: 'rollback-image' });
		for (const error of refused) {
			expect(error).toMatchObject({ code: 'refused', next: expect.stringContaining(`backout attach ${id}`) });
			expect(error.message).toContain(`${holder?.who.user}@m since`);
			expect(error.message).toContain(holder?.reason);
		}
		expect(await listRuns(host, deployment.where)).toHaveLength(1);
		expect(readdirSync(join(deployment.state, 'runs'))).toEqual([id]);

		const looking = await startRun(host, {
			plan: deployment.plan([step('look', 'echo looked')], { risk: 'read-only' }),
			who,
			reason: '',
			state: deployment.state,
		});
		expect((await finish(host, deployment.where, looking.id)).output).toBe('looked\n');
		expect((await lockHolder(host, deployment.where))?.run).toBe(id);
		writeFileSync(join(deployment.directory, 'go'), '');
		await finish(host, deployment.where, id);
		expect(readFileSync(join(deployment.directory, 'ran'), 'utf8')).toBe('x\n');
	});

	test('the list asks of a verdict what it came to, and not for the evidence', async () => {
		const { id } = await start(deployment.plan([step('a', 'true')]));
		await finish(host, deployment.where, id);
		const verdicts = join(deployment.state, 'runs', id, 'verdicts');
		const line = (verdict: string) =>
			JSON.stringify({
				...{ verdict, at: 1, by: who, reason: '"verdict":"failed"' },
				checks: [{ id: 'a', evidence: `"verdict":"failed" ${'x'.repeat(50_000)}\n[{}]}` }],
			});
		writeFileSync(verdicts, `${line('failed')}\n${line('passed')}\n`);
		const exec = vi.spyOn(host, 'exec');
		expect((await listRuns(host, deployment.where)).map(({ verdict }) => verdict)).toEqual(['passed']);
		const told = (await exec.mock.results[0]?.value) as { stdout: Buffer };
		expect(told.stdout.length).toBeLessThan(5000);
		exec.mockRestore();
	});

	test('damaged folders stop neither the list nor another run', async () => {
		const { id } = await start(deployment.plan([step('a', 'echo abcdef')]));
		await finish(host, deployment.where, id);
		const runs = join(deployment.state, 'runs');
		mkdirSync(join(runs, '20991122T203501Z-000001'));
		mkdirSync(join(runs, '20991122T203501Z-000002'));
		writeFileSync(join(runs, '20991122T203501Z-000002', 'about.json'), '{"procedure":"cut o');
		writeFileSync(join(runs, '20991122T203501Z-000002', 'result'), 'succ');
		mkdirSync(join(runs, 'something else'));
		writeFileSync(join(runs, id, 'records'), `${readFileSync(join(runs, id, 'records'))}begin 1 01-a 17`);
		writeFileSync(join(runs, id, 'verdicts'), '{"verdict":"passed","at":1,"by":{},"reason":"","checks":[]}\n{"verd');
		expect((await listRuns(host, deployment.where)).map((run) => [run.id, run.state, run.verdict])).toEqual([
			['20991122T203501Z-000002', 'unknown', undefined],
			['20991122T203501Z-000001', 'lost', undefined],
			[id, 'succeeded', 'passed'],
		]);
		expect((await readRun(host, deployment.where, id)).steps[0]?.state).toBe('succeeded');
		expect((await readOutput(host, deployment.where, id, 2, 3)).toString()).toBe('cde');
		// The readable part of a damaged run is shown, and marked as damaged.
		expect(await readRun(host, deployment.where, '20991122T203501Z-000001')).toMatchObject({
			state: 'lost',
			steps: [],
			damaged: 'cannot be read: its plan, who ran it and why, its records',
		});
		const plan = readFileSync(join(runs, id, 'plan.json'), 'utf8');
		writeFileSync(join(runs, id, 'plan.json'), plan.slice(0, -10));
		expect(await readRun(host, deployment.where, id)).toMatchObject({
			state: 'succeeded',
			who,
			plan: { title: 'Roll back the image' },
			steps: [{ id: 'a', state: 'succeeded', exitCode: 0 }],
			damaged: 'cannot be read: its plan',
		});
		expect((await finish(host, deployment.where, id)).output).toBe('abcdef\n');
		expect((await listRuns(host, deployment.where)).map(({ damaged }) => damaged)).toEqual([
			'cannot be read: its plan, who ran it and why, its result',
			'cannot be read: its plan, who ran it and why',
			'cannot be read: its plan',
		]);
		// Looking has made nothing.
		expect(readdirSync(join(runs, '20991122T203501Z-000001'))).toEqual([]);
		await expect(readRun(host, deployment.where, '20991122T203501Z-00000f')).rejects.toMatchObject({ code: 'usage' });
		await expect(readRun(host, deployment.where, '../../etc')).rejects.toMatchObject({ code: 'usage' });
	});
});
