import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { outputLines } from '../../src/commands/output/events.ts';
import { createLocalPlace } from './local-place.ts';

test('where no restore point can be saved, nothing is deployed', async ({ onTestFinished }) => {
	const place = createLocalPlace();
	onTestFinished(() => place.remove());
	const unconfirmed = await place.run(['deploy']);
	expect(unconfirmed).toMatchObject({ code: 4, stderr: expect.stringContaining('was not confirmed') });
	const other = await place.run(['deploy', 'change', '--yes']);
	expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('no procedure "change" of the kind deploy') });
	// There is no Docker.
	const said = await place.run(['deploy', '--yes', '--json']);
	expect(said.code).toBe(1);
	const last = JSON.parse(said.stdout.trim().split('\n').at(-1) ?? '');
	expect(z.safeParse(outputLines.deployed, last)).toMatchObject({ success: true });
	expect(last).toMatchObject({ outcome: 'not-deployed', reason: expect.stringContaining('restore-point') });
	expect(existsSync(join(place.directory, 'deployed'))).toBe(false);
});
