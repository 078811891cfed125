import { chmodSync, cpSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { librariesOf } from '../../engine/harness/base-image.ts';
import { must } from '../../lab/exec.ts';
import type { Node } from '../../nodes/node.ts';
import { programOf } from './programs.ts';

/** The image of docs/kubernetes-runner.md, with BusyBox in the place of Debian. */
export const runnerImage = 'backout-test/runner:1';

const passwd = [
	'root:x:0:0:root:/:/bin/sh',
	'sshd:x:100:100::/run/sshd:/bin/false',
	'backout:x:1000:1000::/home/backout:/bin/sh',
	'',
];

/** Makes the image from this machine's programs on one node, and loads it on the others. */
export const makeRunnerImage = async ([first, ...others]: readonly Node[], folder: string): Promise<void> => {
	if (first === undefined) {
		return;
	}
	const root = join(folder, 'runner-root');
	for (const name of ['bin', 'tmp', 'etc', 'run/sshd', 'home/backout', 'usr/local/bin']) {
		mkdirSync(join(root, name), { recursive: true });
	}
	chmodSync(join(root, 'tmp'), 0o1777);
	const programs = [
		'/bin/busybox',
		'/usr/sbin/sshd',
		'/usr/bin/ssh-keygen',
		'/usr/bin/flock',
		'/usr/bin/cksum',
		'/usr/bin/git',
	];
	for (const program of programs) {
		for (const path of [program, ...(await librariesOf(program))]) {
			mkdirSync(join(root, dirname(path)), { recursive: true });
			cpSync(realpathSync(path), join(root, path));
		}
	}
	cpSync(programOf('kubectl'), join(root, 'usr/local/bin/kubectl'));
	for (const applet of (await must('/bin/busybox', ['--list'])).split('\n')) {
		if (applet !== 'busybox') {
			symlinkSync('busybox', join(root, 'bin', applet));
		}
	}
	writeFileSync(join(root, 'etc/passwd'), passwd.join('\n'));
	await must('chown', ['-R', '1000:1000', join(root, 'home/backout')]);
	const script = 'tar -C "$1" -c . | docker import -c "ENV PATH=/usr/local/bin:/usr/bin:/bin" - "$2"';
	await must('sh', ['-c', script, 'sh', root, runnerImage], { env: first.env });
	const saved = join(folder, 'runner.tar');
	await first.docker('save', '-o', saved, runnerImage);
	await Promise.all(others.map((node) => node.docker('load', '-q', '-i', saved)));
	rmSync(root, { recursive: true, force: true });
	rmSync(saved);
};
