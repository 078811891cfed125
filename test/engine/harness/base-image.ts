import { cpSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exec, must } from '../../lab/exec.ts';

/** The base of the tests' images: busybox and nothing else. */
export const baseImage = 'backout-test/base:1';

/** The libraries a program needs: none where it is linked statically. */
export const librariesOf = async (program: string): Promise<readonly string[]> => {
	const { stdout } = await exec('ldd', [program]);
	return [...stdout.matchAll(/(?:^|\s)(\/\S+)/gm)].map(([, path]) => path ?? '');
};

/** Makes the base image from this machine's busybox, dynamic or static. @param folder is for what it needs meanwhile */
export const importBase = async (env: Record<string, string | undefined>, folder: string): Promise<void> => {
	const root = join(folder, 'base-root');
	const busybox = '/bin/busybox';
	for (const name of ['bin', 'tmp', 'etc']) {
		mkdirSync(join(root, name), { recursive: true });
	}
	for (const path of [busybox, ...(await librariesOf(busybox))]) {
		mkdirSync(join(root, dirname(path)), { recursive: true });
		cpSync(realpathSync(path), join(root, path));
	}
	for (const applet of (await must(busybox, ['--list'])).split('\n')) {
		if (applet !== 'busybox') {
			symlinkSync('busybox', join(root, 'bin', applet));
		}
	}
	writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
	const script = 'tar -C "$1" -c . | docker import -c "ENV PATH=/bin" -c \'CMD ["sh"]\' - "$2"';
	await must('sh', ['-c', script, 'sh', root, baseImage], { env });
	rmSync(root, { recursive: true, force: true });
};
