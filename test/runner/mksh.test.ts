import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { startRun } from '../helpers/compose-runner.ts';
import { eachDeployment, localHost, step, who } from './fixture.ts';

let deployment: Parameters<Parameters<typeof eachDeployment>[0]>[0]['deployment'];
let host: Parameters<Parameters<typeof eachDeployment>[0]>[0]['host'];

eachDeployment(
	(opened) => {
		({ deployment, host } = opened);
	},
	(made) => {
		const bin = join(dirname(made.directory), 'bin');
		mkdirSync(bin);
		symlinkSync('/usr/bin/mksh', join(bin, 'sh'));
		return localHost({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
	},
);

test.skipIf(!existsSync('/usr/bin/mksh'))(
	'a host whose sh calculates with 32 bits is refused, and told so',
	async () => {
		const plan = deployment.plan([step('work', 'echo x >>"$directory/ran"')]);
		await expect(startRun(host, { plan, who, reason: 'r', state: deployment.state })).rejects.toMatchObject({
			code: 'refused',
			message: 'sh on the host calculates with 32 bits, as mksh does',
		});
		expect(existsSync(join(deployment.directory, 'ran'))).toBe(false);
		expect(existsSync(deployment.state)).toBe(false);
	},
);
