import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { programMissing } from '../helpers/program-missing.ts';
import { type Deployment, localHost } from './fixture.ts';

export const shells = ['dash', 'bash', 'busybox'] as const;
export type Shell = (typeof shells)[number];

/** Why nothing can be tried under this shell here, if so. */
export const shellMissing = (shell: Shell): string | undefined => programMissing(`/usr/bin/${shell}`, shell);

const tools =
	'setsid mkfifo stat head tail grep sed date cat ls sort mkdir mv rm sleep id tr cut chown chmod chgrp true seq wc env touch ln timeout du';

/**
 * This machine with another `sh`: only that for bash; for busybox every tool as well, as on a small host, but for the two
 * that not every busybox is built with.
 */
export const hostWithShell = (shell: Shell, deployment: Deployment): Host => {
	const bin = join(dirname(deployment.directory), 'bin');
	mkdirSync(bin);
	symlinkSync(`/usr/bin/${shell}`, join(bin, 'sh'));
	if (shell !== 'busybox') {
		return localHost({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
	}
	for (const tool of tools.split(' ')) {
		symlinkSync('/usr/bin/busybox', join(bin, tool));
	}
	for (const tool of ['flock', 'cksum']) {
		symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
	}
	return localHost({ PATH: bin, HOME: '/tmp' });
};

/** A group of tests under each shell; those of bash, which is seldom a host's `sh`, are of the long form. */
export const describeShells = (name: string, body: (shell: Shell) => void): void => {
	for (const shell of shells) {
		describe.skipIf(shellMissing(shell))(name.replace('%s', shell), { ...(shell === 'bash' && { tags: 'long' }) }, () =>
			body(shell),
		);
	}
};
