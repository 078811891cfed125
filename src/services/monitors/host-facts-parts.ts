import { blockOf, deployedAgain, parseBlocks } from '../../runbook/block.ts';
import type { BackupReading, CommitReading, DiskReading, ReadingState } from '../../runbook/reading.ts';
import type { BackupsMonitor } from './backups.ts';
import type { DiskMonitor } from './disk.ts';
import type { Part } from './host-facts-script.ts';

/** The reading from one part of the host's facts; without a value it could not be read. */
export interface Judged<T> {
	readonly value?: T;
	readonly state: ReadingState;
	readonly reason?: string;
}

const unread = (part: Part | undefined, what: string): Judged<never> => ({
	state: 'unknown',
	reason:
		part === undefined
			? `${what} was not read`
			: `${what}: ${part.lines.at(-1)?.slice(0, 200) ?? `exit code ${part.exitCode}`}`,
});

/** Reads the verdicts on the deployed commit and on others; nothing if they cannot be read. */
const readMarks = (
	part: Part | undefined,
	deployed: string,
): Pick<CommitReading, 'verified' | 'lastGood' | 'goodImages'> => {
	const words = (part?.exitCode === 0 ? part.lines : []).map((line) => line.split(' '));
	const commits = words.flatMap(([, file, what = '', mark]) => (file === 'commits' ? [{ what, mark }] : []));
	const verified = commits.find(({ what }) => what === deployed)?.mark;
	const lastGood = commits.findLast(({ mark }) => mark === 'good')?.what;
	return {
		...((verified === 'good' || verified === 'bad') && { verified }),
		...(lastGood !== undefined && { lastGood }),
		goodImages: words.flatMap(([, file, what = '', mark, commit]) =>
			file === 'images' && mark === 'good' && commit === deployed ? [what] : [],
		),
	};
};

export const readCommit = (part: Part | undefined, marks?: Part): Judged<CommitReading> => {
	const [, hash, committed, subject] = /^commit ([0-9a-f]{40,64}) (\d+) ?(.*)$/s.exec(part?.lines[0] ?? '') ?? [];
	// A deployment without git is not a problem.
	if (part?.lines.some((line) => /not a git repository/.test(line)) === true) {
		return { state: 'ok', reason: 'no git here' };
	}
	if (part === undefined || part.exitCode !== 0 || hash === undefined) {
		return unread(part, 'the deployed commit');
	}
	const head = part.lines.find((line) => line.startsWith('# branch.head '))?.slice('# branch.head '.length);
	const changed = part.lines.filter((line) => /^[12u] /.test(line)).length;
	const untracked = part.lines.filter((line) => line.startsWith('? ')).length;
	const value: CommitReading = {
		hash,
		subject: subject ?? '',
		branch: head === '(detached)' ? undefined : head,
		committedAt: Number(committed) * 1000,
		changed,
		untracked,
		...readMarks(marks, hash),
	};
	if (value.branch === undefined) {
		return { value, state: 'warn', reason: 'HEAD is detached' };
	}
	return changed > 0
		? { value, state: 'warn', reason: `${changed} changed ${changed === 1 ? 'file' : 'files'}` }
		: { value, state: 'ok' };
};

/**
 * Adds to the commit whether it, or an image that runs, is a version that was rolled back: then the reading warns.
 *
 * @param images ids of the images that run
 */
export const withBlocks = (
	judged: Judged<CommitReading>,
	part: Part | undefined,
	images: readonly string[],
): Judged<CommitReading> => {
	const blocks = part?.exitCode === 0 ? parseBlocks(part.lines.join('\n')) : [];
	const block = blockOf(blocks, { commit: judged.value?.hash, images });
	return block === undefined || (judged.value === undefined && judged.state === 'unknown')
		? judged
		: {
				...judged,
				...(judged.value !== undefined && { value: { ...judged.value, blocked: block } }),
				state: 'warn',
				reason: deployedAgain(block),
			};
};

const duration = (ms: number): string => {
	const hours = ms / 3_600_000;
	return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
};

/** @param hostNow ms since the epoch by the host's clock, the clock of file times */
export const readBackups = (
	part: Part | undefined,
	hostNow: number,
	monitor: BackupsMonitor,
): Judged<BackupReading> => {
	const count = /^count (\d+)$/.exec(part?.lines[0] ?? '')?.[1];
	if (part === undefined || count === undefined) {
		return unread(part, 'the backups');
	}
	if (count === '0') {
		return { state: 'warn', reason: `no backup matches ${monitor.patterns.join(', ')}` };
	}
	const [, modified, bytes, name] = /^file (-?\d+) (\d+) (.*)$/s.exec(part.lines[1] ?? '') ?? [];
	if (modified === undefined || name === undefined) {
		return unread(part, 'the backups');
	}
	const value: BackupReading = {
		name,
		bytes: Number(bytes),
		modifiedAt: Number(modified) * 1000,
		count: Number(count),
		...lastRestored(part),
	};
	const age = hostNow - value.modifiedAt;
	if (value.bytes === 0) {
		return { value, state: 'warn', reason: 'the newest backup is empty' };
	}
	if (age > monitor.warnAfterMs) {
		return { value, state: 'warn', reason: `the newest backup is ${duration(age)} old` };
	}
	const { restoreWithinMs } = monitor;
	if (restoreWithinMs !== undefined && value.restored === undefined) {
		return { value, state: 'warn', reason: 'no backup has ever been restored: `backout verify --backups` does it' };
	}
	const since = hostNow - (value.restored?.at ?? hostNow);
	return restoreWithinMs !== undefined && since > restoreWithinMs
		? { value, state: 'warn', reason: `no backup has been restored for ${duration(since)}` }
		: { value, state: 'ok' };
};

/** Returns the backup that was last restored, as the host noted it; nothing if none was. */
const lastRestored = ({ lines }: Part): Pick<BackupReading, 'restored'> => {
	const line = lines.find((one) => one.startsWith('restored\t'));
	const [, at, modified, , name] = line?.split('\t') ?? [];
	return name === undefined || !/^\d+$/.test(at ?? '') || !/^\d+$/.test(modified ?? '')
		? {}
		: { restored: { name, at: Number(at) * 1000, modifiedAt: Number(modified) * 1000 } };
};

export const readDisk = (part: Part | undefined, monitor: DiskMonitor): Judged<DiskReading> => {
	// df -P: blocks, used, available, capacity, mount point (POSIX, df, STDOUT); names may have spaces.
	const found = /\s(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+)%\s+\S/.exec(part?.lines.at(-1) ?? '');
	if (part === undefined || part.exitCode !== 0 || found === null) {
		return unread(part, 'the disk');
	}
	const value: DiskReading = { path: monitor.path, usedPercent: Number(found[4]), freeBytes: Number(found[3]) * 1024 };
	const reason = `${value.usedPercent} % of the disk is used`;
	if (value.usedPercent >= monitor.downPercent) {
		return { value, state: 'down', reason };
	}
	return value.usedPercent >= monitor.warnPercent ? { value, state: 'warn', reason } : { value, state: 'ok' };
};
