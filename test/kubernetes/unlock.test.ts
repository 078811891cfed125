import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { usersOf } from '../helpers/proc.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';
import { idIn, runTo } from './harness/steps.ts';

const long = { tags: ['long'] };
const consent = ['--yes', '--reason', 'test'];

describe.skipIf(withoutCluster !== undefined)('a lock whose host is gone for good', () => {
	test('is given up by a person, once nobody renews it', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await deployment.apply();
		await runTo(openFor(deployment), 'pre-deploy-checklist');
		const gone = openFor(deployment);
		const held = await gone.backout('run', 'hold', ...consent, '--detach');
		expect(held.code, held.text).toBe(0);
		const id = idIn(held.text);
		const place = openFor(deployment);
		const unlock = ['unlock', id, '--reason', 'the machine was scrapped'];
		const early = await place.backout(...unlock, '--confirm', 't');
		expect(early.text).toMatch(/is still heard from, and knows the state of run/);
		expect(early.code).toBe(4);

		// All that a machine has of a run goes with it: its processes, and its records.
		for (const pid of usersOf(gone.folder)) {
			process.kill(pid, 'SIGKILL');
		}
		rmSync(join(gone.folder, 'runs'), { recursive: true });
		const refused = async () => (await place.backout('run', 'hold', ...consent)).text;
		await expect.poll(refused, { timeout: 150_000, interval: 2000 }).toContain('Nothing is heard from');
		expect(await refused()).toContain(` unlock ${id}`);
		const unconfirmed = await place.backout(...unlock);
		expect(unconfirmed.code, unconfirmed.text).toBe(4);

		const given = await place.backout(...unlock, '--confirm', 't');
		expect(given.text).toMatch(/looking for 45 s whether \S+ still renews the lock/);
		expect(given.text).toMatch(/is given up: t can be changed again/);
		expect(given.code).toBe(0);
		place.letGo();
		const next = await place.backout('run', 'hold', ...consent);
		expect(next.code, next.text).toBe(0);
		expect(readFileSync(join(place.folder, 'runs/unlocked'), 'utf8')).toContain('the machine was scrapped');
	});
});
