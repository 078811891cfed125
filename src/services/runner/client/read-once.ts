import type { HostProcess } from '../../host/host.ts';
import { createMarkFilter } from '../../host/shell-program.ts';

interface Attached {
	/** The reason for the end: the end of the wanted part, bytes that may not exist, the loss of the link, or a failure on the host. */
	readonly ended: 'run' | 'gap' | 'link' | 'itself';
	readonly stderr: string;
}

/** Reads the messages of follow-run.sh beside the output: records as they arrive, the end of the output, and that the run is gone. */
const createRecordReader = (
	mark: string,
	hooks: {
		readonly onRecords: (text: string) => void;
		/** `size`: of the whole output, bytes. */
		readonly onEnd: (size: number) => void;
		readonly onGone: () => void;
	},
) => {
	const genuine = createMarkFilter(mark);
	let stderr = '';
	let pending = '';
	return {
		/** Returns the end of all messages, for a refusal. */
		stderr: (): string => stderr,
		take: (chunk: string): void => {
			stderr = `${stderr}${chunk}`.slice(-65_536);
			pending += genuine(Buffer.from(chunk))?.toString('utf8') ?? '';
			const whole = pending.lastIndexOf('\n') + 1;
			const lines = pending.slice(0, whole).split('\n').slice(0, -1);
			pending = pending.slice(whole);
			const records = lines.filter((line) => !line.startsWith('END ') && line !== 'GONE');
			const end = lines.find((line) => line.startsWith('END '));
			if (records.length > 0) {
				hooks.onRecords(`${records.join('\n')}\n`);
			}
			if (end !== undefined) {
				hooks.onEnd(Number(end.slice('END '.length)) || 0);
			}
			if (lines.includes('GONE')) {
				hooks.onGone();
			}
		},
	};
};

/** Reads until the run has ended and all of its output has arrived, or the link is lost. */
export const readOnce = (
	running: HostProcess,
	mark: string,
	from: number,
	hooks: {
		onOutput: (bytes: Buffer, offset: number) => void;
		onRecords: (text: string) => void;
		onLive: () => void;
		/** Returns how many of these bytes are genuine: the others may have been read from a hole. */
		genuine: (bytes: Buffer, offset: number) => Promise<number>;
	},
): Promise<Attached> => {
	const queue: Buffer[] = [];
	let gap = false;
	let draining: Promise<void> | undefined;
	let offset = from;
	let size: number | undefined;
	const genuineOutput = createMarkFilter(mark);
	let live = false;
	const close = () => {
		if (size !== undefined && offset >= size && live) {
			running.stdin.end();
		}
	};
	const pass = (bytes: Buffer) => {
		if (bytes.length > 0) {
			const at = offset;
			offset += bytes.length;
			hooks.onOutput(bytes, at);
		}
		close();
	};
	/** A hole is read as zeros; programs rarely print those, so the host is asked each time. */
	const drain = async () => {
		running.stdout.pause();
		for (let bytes = queue.shift(); bytes !== undefined && !gap; bytes = queue.shift()) {
			const there = bytes.includes(0) ? await hooks.genuine(bytes, offset).catch(() => 0) : bytes.length;
			gap = there < bytes.length;
			pass(bytes.subarray(0, there));
		}
		draining = undefined;
		if (gap) {
			running.stdin.end();
		}
		running.stdout.resume();
	};
	const deliver = (bytes: Buffer) => {
		if (draining === undefined && !bytes.includes(0)) {
			pass(bytes);
		} else {
			queue.push(bytes);
			draining ??= Promise.resolve().then(drain);
		}
	};
	running.stdin.on('error', () => {});
	running.stdout.on('error', () => {});
	running.stderr.on('error', () => {});
	running.stdout.on('data', (chunk: Buffer) => {
		const rest = genuineOutput(chunk);
		if (rest === undefined) {
			return;
		}
		if (!live) {
			live = true;
			hooks.onLive();
		}
		deliver(rest);
	});
	const records = createRecordReader(mark, {
		onRecords: hooks.onRecords,
		onEnd: (bytes) => {
			size = bytes;
			close();
		},
		onGone: () => running.stdin.end(),
	});
	running.stderr.setEncoding('utf8');
	running.stderr.on('data', records.take);
	return running.end.then(
		async ({ code }) => {
			await draining;
			const whole = size !== undefined && offset >= size;
			return { ended: gap ? 'gap' : whole ? 'run' : code === undefined ? 'link' : 'itself', stderr: records.stderr() };
		},
		async () => {
			await draining;
			return { ended: gap ? 'gap' : 'link', stderr: records.stderr() };
		},
	);
};
