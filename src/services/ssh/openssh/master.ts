import { type ChildProcess, spawn } from 'node:child_process';
import { type FSWatcher, watch } from 'node:fs';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import master from './master.sh';

/**
 * Maximum length of the folder's path: a Unix socket's path has 104 bytes on a Mac (sys/un.h), and ssh first creates it under a name
 * that is 17 bytes longer.
 */
const longestFolder = 70;

/** Creates a folder that only this user may enter, with a path short enough for sockets in it. */
export const makePrivateFolder = async (): Promise<string> => {
	const base = Buffer.byteLength(tmpdir()) + '/backout-123456'.length > longestFolder ? '/tmp' : tmpdir();
	const folder = await mkdtemp(join(base, 'backout-'));
	await chmod(folder, 0o700);
	return folder;
};

/** Maximum length of ssh's messages that is kept, characters. */
const mostWords = 64 * 1024;

/** Time for ssh to end before it is killed, ms. */
const endMs = 2000;

/** A running ssh that is a master connection. */
export interface Master {
	/** Its control socket; made when it has logged in. */
	readonly socket: string;
	/** Its messages so far. */
	readonly words: string;
	/** Time of its last message, ms by `performance.now()`. */
	readonly spokeAt: number;
	/** Resolves when it has ended. */
	readonly ended: Promise<void>;
	/** Ends it with all its children, and waits for that. */
	stop(): Promise<void>;
}

/**
 * Starts ssh as a master connection. It ends when this program ends, however that ends.
 *
 * @param folder for its control socket; removed when it has ended
 * @param args its options and its destination
 */
export const startMaster = (folder: string, args: readonly string[], env: NodeJS.ProcessEnv): Master => {
	const socket = join(folder, 'master');
	const ssh = ['ssh', '-N', '-T', '-S', socket, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=no', ...args];
	// In a session of its own, ssh has no terminal to ask on, and no key pressed here ends it.
	const child = spawn('/bin/sh', ['-c', master, 'sh', folder, ...ssh], {
		env,
		detached: true,
		stdio: ['pipe', 'ignore', 'pipe'],
	});
	let words = '';
	let spokeAt = performance.now();
	const decoder = new StringDecoder('utf8');
	child.stderr.on('data', (piece: Buffer) => {
		spokeAt = performance.now();
		words = (words + decoder.write(piece)).slice(-mostWords);
	});
	child.stdin.on('error', () => {});
	let isOver = false;
	const ended = new Promise<void>((resolve) => {
		const over = () => {
			isOver = true;
			resolve();
		};
		child.once('close', over);
		child.once('error', (error) => {
			words += `${error.message}\n`;
			over();
		});
	});
	return {
		socket,
		ended,
		get words() {
			return words;
		},
		get spokeAt() {
			return spokeAt;
		},
		stop: async () => {
			// The number of a group without processes is given to others.
			if (isOver) {
				return;
			}
			signalGroup(child, 'SIGTERM');
			const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), endMs);
			await ended;
			clearTimeout(timer);
		},
	};
};

/** Signals the child's process group, in which its own children are. */
const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
	try {
		if (child.pid !== undefined) {
			process.kill(-child.pid, signal);
		}
	} catch {
		// The group is empty.
	}
};

/** Calls `changed` after each change in a folder; undefined where that cannot be, or the folder is gone. */
const watchFolder = (folder: string, changed: () => void): FSWatcher | undefined => {
	try {
		return watch(folder, changed).on('error', () => {});
	} catch {
		return undefined;
	}
};

/** Waits until a file exists, also when its folder does not. Rejects with the signal's reason. */
export const appears = async (path: string, folder: string, signal: AbortSignal): Promise<void> => {
	const isThere = () =>
		stat(path).then(
			() => true,
			() => false,
		);
	await new Promise<void>((resolve, reject) => {
		let settled = false;
		const look = async () => {
			if (!settled && (await isThere())) {
				settle();
			}
		};
		const settle = (error?: unknown) => {
			settled = true;
			clearInterval(timer);
			watcher?.close();
			signal.removeEventListener('abort', abort);
			if (error === undefined) {
				resolve();
			} else {
				reject(error);
			}
		};
		const abort = () => settle(signal.reason);
		const watcher = watchFolder(folder, () => void look());
		// Some folders cannot be watched.
		const timer = setInterval(() => void look(), 100);
		signal.addEventListener('abort', abort, { once: true });
		if (signal.aborted) {
			abort();
		}
		void look();
	});
};

/** Removes a folder made by `makePrivateFolder`, with its contents. */
export const removePrivateFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
