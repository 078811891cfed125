import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { programMissing } from '../helpers/program-missing.ts';
import { type Deployment, localHost } from './fixture.ts';

export const shells = ['dash', 'bash', 'busybox'] as const;
/** lksh is what Debian's mksh has for `sh`; mksh itself is refused by the runner. */
export type Shell = (typeof shells)[number] | 'lksh';

/** BUSYBOX names another build of busybox than the installed one, as Debian's busybox-static. */
const busybox = process.env.BUSYBOX || '/usr/bin/busybox';

/** The path of a shell's executable; busybox takes `sh` as its first argument. */
export const shellPath = (shell: Shell): string => (shell === 'busybox' ? busybox : `/usr/bin/${shell}`);

/** Returns the reason why nothing can be tested under this shell here, if so. */
export const shellMissing = (shell: Shell): string | undefined => {
	// Seldom enough to be missing where the lab is required.
	if (shell === 'lksh') return existsSync(shellPath(shell)) ? undefined : 'lksh is not installed (Debian: mksh)';
	return programMissing(shellPath(shell), shell);
};

/**
 * Prints and returns the reason why a test cannot replace this program through the PATH; undefined when it can. Some builds of busybox,
 * such as Debian's busybox-static, prefer their own applets to the PATH, and only a try tells.
 */
export const ignoresPath = (shell: Shell, program: string): string | undefined => {
	const missing = shellMissing(shell);
	if (missing !== undefined) {
		return missing;
	}
	const folder = mkdtempSync(join(tmpdir(), 'backout-path-'));
	try {
		const path = join(folder, program);
		writeFileSync(path, '#!/bin/sh\necho from the PATH\n');
		chmodSync(path, 0o755);
		const words = [...(shell === 'busybox' ? ['sh'] : []), '-c', `${program} </dev/null`];
		const { stdout } = spawnSync(shellPath(shell), words, {
			env: { PATH: `${folder}:/usr/bin:/bin` },
			encoding: 'utf8',
		});
		if (stdout.startsWith('from the PATH')) {
			return undefined;
		}
		const why = `${shellPath(shell)} runs its own ${program}, not the one on the PATH`;
		console.warn(`skipped: ${why}`);
		return why;
	} finally {
		rmSync(folder, { recursive: true });
	}
};

const tools =
	'setsid mkfifo stat head tail grep sed awk date cat ls sort mkdir rmdir mv rm sleep id tr cut chown chmod chgrp true seq wc env touch ln timeout du sync sha256sum';

/**
 * This machine with another `sh`: only that for bash; for busybox every tool as well, as on a small host, but for the two
 * that not every busybox is built with.
 */
export const hostWithShell = (shell: Shell, deployment: Deployment): Host => {
	const bin = join(dirname(deployment.directory), 'bin');
	mkdirSync(bin);
	symlinkSync(shellPath(shell), join(bin, 'sh'));
	if (shell !== 'busybox') {
		return localHost({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
	}
	for (const tool of tools.split(' ')) {
		symlinkSync(busybox, join(bin, tool));
	}
	for (const tool of ['flock', 'cksum']) {
		symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
	}
	return localHost({ PATH: bin, HOME: '/tmp' });
};

/**
 * A group of tests under each shell; those of bash and lksh, which are seldom a host's `sh`, are of the long form.
 *
 * @param short the shells of the short form: one of the two, where the tests take long
 */
export const describeShells = (
	name: string,
	body: (shell: Shell) => void,
	short: readonly Shell[] = ['dash', 'busybox'],
): void => {
	for (const shell of [...shells, 'lksh'] as const) {
		const tags = short.includes(shell) ? {} : { tags: 'long' };
		describe.skipIf(shellMissing(shell))(name.replace('%s', shell), tags, () => body(shell));
	}
};
