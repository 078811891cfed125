import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { cancelRun, listRuns, lockHolder, readRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

describe.runIf(process.getuid?.() === 0)('on a small disk', () => {
	const mebibyte = 1024 * 1024;
	let small: string;
	let where: { directory: string; state: string };

	beforeEach(() => {
		small = join(dirname(deployment.directory), 'small');
		mkdirSync(small);
		where = { directory: deployment.directory, state: join(small, 'state') };
	});
	afterEach(() => {
		// Lazily: a viewer that was closed goes a moment later.
		execFileSync('umount', ['-l', small]);
	});
	const mount = (size: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', small]);
	const start = (script: string, more: Parameters<Deployment['plan']>[0] = []) =>
		startRun(host, {
			plan: deployment.plan([step('a', script), ...more]),
			who,
			reason: '',
			state: where.state,
			graceSeconds: 1,
		});

	test('no room for a run: refused in words, and nothing is left', async () => {
		mount('64k');
		for (const script of ['true', `echo a\n${'# padding\n'.repeat(10_000)}`]) {
			await expect(start(script)).rejects.toMatchObject({ code: 'refused', next: expect.stringContaining('df -h') });
			expect(readdirSync(join(where.state, 'runs'))).toEqual([]);
			expect(await lockHolder(host, where)).toBeUndefined();
		}
	});

	const fill = `head -c ${16 * mebibyte} /dev/zero >"$state_dir/ballast" 2>/dev/null`;

	test('a disk that fills up hides nothing: output, records, facts and result are there', async () => {
		mount('4m');
		const { id } = await start(`echo before; ${fill}; echo after; seq 1 500`, [
			step('note', 'printf "image\\tsha256:abc\\n" >>"$run_facts" || echo "no room for a fact"; echo noted'),
			step('fail', 'echo failing; exit 7'),
			step('never', 'echo never'),
		]);
		const { run, output } = await finish(host, where, id);
		expect(run).toMatchObject({ state: 'failed', exitCode: 7 });
		expect(run.steps.map(({ state, exitCode }) => [state, exitCode])).toEqual([
			['succeeded', 0],
			['succeeded', 0],
			['failed', 7],
			['skipped', undefined],
		]);
		expect(output).toContain('before\nafter\n1\n2\n');
		expect(output).toContain('499\n500\n');
		expect(output).toContain('failing\n');
		expect((await listRuns(host, where))[0]).toMatchObject({ id, state: 'failed' });
		expect(await lockHolder(host, where)).toBeUndefined();
		// Space that was reserved and not used is freed.
		rmSync(join(where.state, 'ballast'));
		expect(statSync(join(where.state, 'runs', id, 'out')).blocks * 512).toBeLessThan(mebibyte);
	});

	test('a run can be cancelled though nothing can be written any more', async () => {
		mount('4m');
		const { id } = await start(`${fill}; echo full; sleep 1000`);
		await untilOutput(host, where, id, 'full\n');
		expect(await cancelRun(host, where, id, { who })).toMatchObject({ outcome: 'cancelled' });
		const run = await readRun(host, where, id);
		expect(run).toMatchObject({ state: 'cancelled', cancelledBy: who, steps: [{ state: 'cancelled' }] });
		expect(run.damaged).toBeUndefined();
	});

	test('a step that floods a full disk fails, and the run tells so', async () => {
		mount('4m');
		const { id } = await start(`${fill}; seq 1 1000000`);
		const { run } = await finish(host, where, id);
		expect(run).toMatchObject({ state: 'failed', steps: [{ state: 'failed' }] });
	});
});
