import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';
import { hostWithShell } from './shells.ts';

let deployment: Deployment;
let host: Host;
eachDeployment(
	(opened) => {
		({ deployment, host } = opened);
	},
	(made) => {
		const shellHost = hostWithShell('dash', made);
		// On a busy machine a shell's child may take a signal before it becomes the program, and forgets it then.
		const deaf = `#!/bin/sh\ntrap '' TERM\nPATH=${process.env.PATH} exec tail "$@"\n`;
		writeFileSync(join(dirname(made.directory), 'bin', 'tail'), deaf, { mode: 0o755 });
		return shellHost;
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
