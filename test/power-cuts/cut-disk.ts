import { constants, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, must } from '../lab/exec.ts';

/**
 * A disk of which a copy can be taken at any moment, as a power cut would leave it: an ext4 file system in a file, which writes nothing on
 * its own for an hour. The file is on an XFS file system, where a clone of it is the content of one moment (FICLONE, ioctl_ficlone(2)),
 * whatever is being written.
 */
export interface CutDisk {
	/** Its mount point. */
	readonly folder: string;
	/** Takes a copy now, and another one whenever something has reached the disk. What it returns stops that, and gives their paths. */
	record(): Promise<() => readonly string[]>;
	/** Puts what a copy contains in the place of what is there now, as if the host had just started. Nothing may use the disk. */
	startFrom(cut: string): Promise<void>;
	remove(): Promise<void>;
}

/** Time between two looks for new writes, ms. */
const lookMs = 2;

/** Returns the reason why such a disk is impossible on this machine; undefined when it is possible. */
export const cutDiskMissing = async (): Promise<string | undefined> => {
	for (const program of ['mkfs.xfs', 'mkfs.ext4', 'losetup']) {
		const { code } = await exec('sh', ['-c', `command -v ${program}`]);
		if (code !== 0) return `${program} is not installed (Debian: xfsprogs, e2fsprogs, mount)`;
	}
	return process.getuid?.() === 0 ? undefined : 'only root can mount a file system';
};

/** The loop device of a file, as `loop3`; undefined when none has it. */
const deviceOf = async (file: string): Promise<string | undefined> => {
	const listed = await must('losetup', ['-j', file, '-n', '-O', 'NAME']);
	return listed === '' ? undefined : basename(listed.split('\n')[0] ?? '');
};

/** The number of writes that have ended and of sectors written, as sysfs-block documents it (Documentation/block/stat.rst). */
const writesOf = (device: string): string => {
	const fields = readFileSync(`/sys/block/${device}/stat`, 'utf8').trim().split(/\s+/);
	return `${fields[4]} ${fields[6]}`;
};

/** Unmounts also what is mounted within. A file system that is still in use stays until its last user has ended. */
const unmount = async (folder: string, file: string): Promise<void> => {
	await must('umount', ['-R', '-l', folder]);
	for (const end = Date.now() + 120_000; (await deviceOf(file)) !== undefined; await sleep(50)) {
		if (Date.now() > end) throw new Error(`${folder} is still in use`);
	}
};

/** @param size of the disk, as truncate(1) takes it; the file behind it takes only what is written */
export const makeCutDisk = async (size = '2G'): Promise<CutDisk> => {
	const base = mkdtempSync(join(tmpdir(), 'backout-cut-disk-'));
	const [store, around, folder] = [join(base, 'store'), join(base, 'around'), join(base, 'disk')];
	const image = join(around, 'image');
	await must('truncate', ['-s', '32G', store]);
	await must('mkfs.xfs', ['-q', '-m', 'reflink=1', store]);
	mkdirSync(around);
	mkdirSync(folder);
	await must('mount', ['-o', 'loop', store, around]);
	await must('truncate', ['-s', size, image]);
	await must('mkfs.ext4', ['-q', '-F', image]);
	const mount = () => must('mount', ['-o', 'loop,commit=3600', image, folder]);
	await mount();
	let count = 0;
	return {
		folder,
		record: async () => {
			const device = await deviceOf(image);
			if (device === undefined) throw new Error(`${image} is not mounted`);
			const cuts: string[] = [];
			let seen = '';
			const look = () => {
				const writes = writesOf(device);
				if (writes === seen) return;
				seen = writes;
				count += 1;
				const cut = join(around, `cut-${count}`);
				copyFileSync(image, cut, constants.COPYFILE_FICLONE_FORCE);
				cuts.push(cut);
			};
			look();
			const timer = setInterval(look, lookMs);
			return () => {
				clearInterval(timer);
				return cuts;
			};
		},
		startFrom: async (cut) => {
			await unmount(folder, image);
			rmSync(image);
			copyFileSync(cut, image, constants.COPYFILE_FICLONE_FORCE);
			await mount();
		},
		remove: async () => {
			await unmount(folder, image);
			await unmount(around, store);
			rmSync(base, { recursive: true, force: true });
		},
	};
};
