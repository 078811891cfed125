import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { listRuns, lockHolder, readRun, startRun } from '../helpers/compose-runner.ts';
import { usersOf } from '../helpers/proc.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

describe.runIf(process.getuid?.() === 0)('on a file system that became read-only', () => {
	let disk: string;
	let where: { directory: string; state: string };

	beforeEach(() => {
		disk = join(dirname(deployment.directory), 'disk');
		mkdirSync(disk);
		execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', disk]);
		where = { directory: deployment.directory, state: join(disk, 'state') };
	});
	afterEach(() => {
		// Lazily: a viewer that was closed goes a moment later.
		execFileSync('umount', ['-l', disk]);
	});
	const turnReadOnly = () => execFileSync('mount', ['-o', 'remount,ro', disk]);
	const start = (id?: string) =>
		startRun(host, {
			plan: deployment.plan([step('a', 'echo here')]),
			who,
			reason: '',
			state: where.state,
			...(id !== undefined && { id }),
		});
	const refused = {
		code: 'refused',
		message: expect.stringMatching(/^the file system of \S*disk\S* is read-only$/),
		next: expect.stringContaining('remount,rw'),
	};

	describeShells('under %s', (shell) => {
		test('runs can be listed, read and followed, and a start is refused with the reason', async () => {
			await host.close();
			host = hostWithShell(shell, deployment);
			onTestFinished(() => host.close());
			const { id } = await start();
			await finish(host, where, id);
			await expect.poll(() => usersOf(disk), { timeout: 30_000 }).toEqual([]);
			turnReadOnly();
			expect(await listRuns(host, where)).toMatchObject([{ id, state: 'succeeded' }]);
			expect(await readRun(host, where, id)).toMatchObject({ id, state: 'succeeded' });
			expect((await finish(host, where, id)).output).toBe('here\n');
			expect(await lockHolder(host, where)).toBeUndefined();
			await expect(start()).rejects.toMatchObject(refused);
			// Asked again after a lost link: it was started.
			expect(await start(id)).toEqual({ id });
		});
	});

	test('the first run is refused with the reason as well', async () => {
		turnReadOnly();
		await expect(start()).rejects.toMatchObject(refused);
		expect(await listRuns(host, where)).toEqual([]);
	});
});
