import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namesIn, textOf } from '../helpers/proc.ts';
import { exec } from '../lab/exec.ts';

const roomBytes = 2 * 1024 ** 3;

/** Images and containers are in memory where there is room. */
export const memoryFolder = (folder: string): string => {
	if (!existsSync('/dev/shm')) {
		return folder;
	}
	const { bavail, bsize } = statfsSync('/dev/shm');
	return bavail * bsize > roomBytes ? '/dev/shm' : folder;
};

/** Makes the folder of some nodes. It says who made it, so that what a killed test leaves can be taken away. */
export const makeFolder = (prefix: string): string => {
	const folder = mkdtempSync(join(tmpdir(), prefix));
	writeFileSync(join(folder, 'owner'), `${process.pid}\n`);
	return folder;
};

/** The pid files of engines and other programs in the folder of some nodes. */
const pidFiles = (folder: string): readonly string[] =>
	namesIn(folder).flatMap((entry) => {
		const within = join(folder, entry);
		const engine = ['docker.pid', 'exec/containerd/containerd.pid'].map((file) => join(within, 'docker', file));
		const others = namesIn(within).filter((name) => name.endsWith('.pid'));
		return [...others.map((name) => join(within, name)), ...engine];
	});

/** Takes away what tests that were killed have left: the process that started it is gone. */
export const removeOrphans = async (prefix: string): Promise<void> => {
	for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
		const owner = textOf(join(tmpdir(), name, 'owner')).trim();
		if (owner === '' || existsSync(`/proc/${owner}`)) {
			continue;
		}
		for (const pidFile of pidFiles(join(tmpdir(), name))) {
			const pid = Number(textOf(pidFile));
			if (pid > 1 && textOf(`/proc/${pid}/cmdline`).includes(name)) {
				process.kill(pid, 'SIGKILL');
			}
		}
		const spaces = await exec('ip', ['netns', 'list']);
		for (const [space] of spaces.stdout.matchAll(/^\S+/gm)) {
			if (space.startsWith(name)) {
				await exec('ip', ['netns', 'delete', space]);
			}
		}
		await exec('sh', ['-c', 'mount | grep -F "$1" | cut -d " " -f 3 | sort -r | xargs -r umount -l', 'sh', name]);
		for (const left of [tmpdir(), '/dev/shm'].filter(existsSync)) {
			for (const entry of readdirSync(left).filter((one) => one.startsWith(name))) {
				rmSync(join(left, entry), { recursive: true, force: true });
			}
		}
	}
};
