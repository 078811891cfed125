import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, localHost, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;
eachDeployment(
	(opened) => {
		({ deployment, host } = opened);
	},
	(made) => {
		const bin = join(made.directory, '../bin');
		mkdirSync(bin);
		// On a busy machine a shell's child may take a signal before it becomes the program, and forgets it then.
		writeFileSync(join(bin, 'tail'), `#!/bin/sh\ntrap '' TERM\nPATH=${process.env.PATH} exec tail "$@"\n`);
		chmodSync(join(bin, 'tail'), 0o755);
		return localHost({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
	},
);

test('a follower comes to its end also when its programs have not heard that they should', async () => {
	const plan = deployment.plan([step('build', 'echo built')]);
	const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state });
	const { run, output } = await finish(host, deployment.where, id);
	expect(run.state).toBe('succeeded');
	expect(output).toContain('built');
	// One that has ended already, too.
	expect((await finish(host, deployment.where, id)).run.state).toBe('succeeded');
});
