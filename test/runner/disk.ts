import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../lab/exec.ts';

/** A disk whose power can be cut: an ext4 file system in a file, by the loop device. It writes nothing on its own for an hour. */
export interface Disk {
	/** Its mount point. */
	readonly folder: string;
	/** The file behind it: what is in there is what a power cut leaves. */
	readonly image: string;
	/** Path of the copy at the moment of the cut; a step of a run may make it, too. */
	readonly cut: string;
	/** Cuts the power: copies what has reached the disk by now. */
	cutPower(): void;
	/** Mounts what `cut` has, as the host does when it starts again. Gives the folder. */
	start(): Promise<string>;
	remove(): Promise<void>;
}

/** Returns the reason why such a disk is impossible on this machine; undefined when it is possible. */
export const diskMissing = (): string | undefined => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-disk-'));
	const script =
		'truncate -s 16M "$1/image" && mkfs.ext4 -q -F "$1/image" && mkdir "$1/at" && mount -o loop "$1/image" "$1/at" && umount "$1/at"';
	const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', folder], { encoding: 'utf8' });
	rmSync(folder, { recursive: true, force: true });
	return status === 0 ? undefined : `no file system can be mounted here: ${stderr.trim()}`;
};

export const makeDisk = async (): Promise<Disk> => {
	const base = mkdtempSync(join(tmpdir(), 'backout-disk-'));
	const [image, cut, folder, again] = ['image', 'cut', 'disk', 'again'].map((name) => join(base, name)) as [
		string,
		string,
		string,
		string,
	];
	await must('truncate', ['-s', '64M', image]);
	await must('mkfs.ext4', ['-q', '-F', image]);
	mkdirSync(folder);
	mkdirSync(again);
	await must('mount', ['-o', 'loop,commit=3600', image, folder]);
	const mounted = [folder];
	return {
		folder,
		image,
		cut,
		cutPower: () => copyFileSync(image, cut),
		start: async () => {
			await must('mount', ['-o', 'loop', cut, again]);
			mounted.push(again);
			return again;
		},
		remove: async () => {
			for (const at of mounted) {
				await must('umount', ['-l', at]);
			}
			rmSync(base, { recursive: true, force: true });
		},
	};
};
