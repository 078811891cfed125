import { setTimeout as sleep } from 'node:timers/promises';
import { BackoutError } from '../../../runbook/errors.ts';
import type { OutputGap, Run } from '../../../runbook/run.ts';
import type { Host, HostProcess } from '../../host/host.ts';
import { refusal } from '../../host/run-script.ts';
import { createMarkFilter, newMark, shellCommand, shellProgram } from '../../host/shell-program.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import type { RunFiles } from './about-run.ts';
import script from './follow-run.sh';
import { readGap } from './output.ts';
import { enterRun, isComingApart, readRunFiles } from './read-runs.ts';

export interface FollowOptions {
	/** Offset of the first byte wanted. Default 0. */
	readonly from?: number;
	/** Bytes of the run's output as they come, in order, each once; `offset` is that of the first. */
	readonly onOutput?: (bytes: Buffer, offset: number) => void;
	/** Bytes that the host has not kept, in their place among those that it has. */
	readonly onGap?: (gap: OutputGap) => void;
	/** The run as it stands: at once, and whenever a step begins or ends. */
	readonly onRun?: (run: Run) => void;
	/** The link was lost, or the host is too slow to answer: `reason` says so. The run goes on; it is attached again by itself. */
	readonly onLost?: (reason?: string) => void;
	/** Attached, the first time and again. */
	readonly onLive?: () => void;
	/** Closes the channel, nothing else. */
	readonly signal?: AbortSignal;
}

interface Attached {
	/** What ended it: the end of what was wanted, bytes that may not be there, the loss of the link, or a failure on the host. */
	readonly ended: 'run' | 'gap' | 'link' | 'itself';
	readonly stderr: string;
}

/** Looks on until the run has ended and all of its output is here, or the link is lost. */
const readOnce = (
	running: HostProcess,
	mark: string,
	from: number,
	hooks: {
		onOutput: (bytes: Buffer, offset: number) => void;
		onRecords: (text: string) => void;
		onLive: () => void;
		/** How many of these bytes are there: the others may have been taken from a hole. */
		genuine: (bytes: Buffer, offset: number) => Promise<number>;
	},
): Promise<Attached> => {
	const queue: Buffer[] = [];
	let gap = false;
	let draining: Promise<void> | undefined;
	let offset = from;
	let size: number | undefined;
	const genuineOutput = createMarkFilter(mark);
	const genuineRecords = createMarkFilter(mark);
	let live = false;
	let stderr = '';
	let pending = '';
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
	/** Zeros are what a hole is read as; they are rare in what programs print, and so the host is asked each time. */
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
	running.stderr.setEncoding('utf8');
	running.stderr.on('data', (chunk: string) => {
		stderr = `${stderr}${chunk}`.slice(-65_536);
		pending += genuineRecords(Buffer.from(chunk))?.toString('utf8') ?? '';
		const whole = pending.lastIndexOf('\n') + 1;
		const lines = pending.slice(0, whole).split('\n').slice(0, -1);
		pending = pending.slice(whole);
		const records = lines.filter((line) => !line.startsWith('END ') && line !== 'GONE');
		const end = lines.find((line) => line.startsWith('END '));
		if (records.length > 0) {
			hooks.onRecords(`${records.join('\n')}\n`);
		}
		if (end !== undefined) {
			size = Number(end.slice('END '.length)) || 0;
			close();
		}
		if (lines.includes('GONE')) {
			running.stdin.end();
		}
	});
	return running.end.then(
		async ({ code }) => {
			await draining;
			const whole = size !== undefined && offset >= size;
			return { ended: gap ? 'gap' : whole ? 'run' : code === undefined ? 'link' : 'itself', stderr };
		},
		async () => {
			await draining;
			return { ended: gap ? 'gap' : 'link', stderr };
		},
	);
};

const unknownOutcome = (host: Host, id: string, cause: unknown): BackoutError =>
	new BackoutError('outcome-unknown', `run ${id} may still be going on: the host could not be asked`, {
		host: host.name,
		run: id,
		next: `\`backout attach ${id}\` shows it again`,
		cause,
	});

/** How often a folder that comes apart is looked at before it is told as it is, a second apart: deleting one takes its time. */
const mostLooks = 4;

/** The run as it was seen last, now that the host has it no more: how it ended is known if its result was read. */
const withoutFolder = (run: Run): Run => {
	const { lostBy, ...rest } = run;
	return { ...rest, state: run.endedAt === undefined ? 'unknown' : run.state, gone: true };
};

/**
 * Follows a run to its end, from any byte of its output, and gives the Run as it ended. A run that has ended already is
 * given in the same way. When the link is lost, or the host takes too long, it goes on at the next byte once the host
 * answers again. When the host has it no more, the Run is given as it was seen last, `gone`.
 *
 * Throws the signal's reason when aborted; BackoutError `usage` when there is no such run, `outcome-unknown` when the
 * link was refused for good meanwhile.
 */
export const followRun = async (
	host: Host,
	state: StateOptions,
	id: string,
	options: FollowOptions = {},
): Promise<Run> => {
	const { signal, onOutput, onGap, onRun, onLost, onLive } = options;
	let offset = options.from ?? 0;
	let failures = 0;
	const { buildRun } = await import('./build-run.ts');
	let seen: RunFiles | undefined;
	let last: Run | undefined;
	const tell = (files: RunFiles): Run => {
		seen = files;
		last = buildRun(files, host.name);
		onRun?.(last);
		return last;
	};
	const readFiles = async (): Promise<RunFiles> => {
		for (let look = 1; ; look++) {
			const files = await readRunFiles(host, state, id, signal);
			if (last === undefined || look === mostLooks || !isComingApart(files)) {
				return files;
			}
			await sleep(1000, undefined, { signal });
		}
	};
	for (let attempt = 0; ; attempt++) {
		try {
			if (attempt > 0) {
				await host.ready(signal);
			}
			const files = await readFiles();
			const gap = tell(files).outputGap;
			if (gap !== undefined && offset >= gap.from && offset < gap.to) {
				onGap?.({ from: offset, to: gap.to });
				offset = gap.to;
			}
			const length = gap !== undefined && offset < gap.from ? gap.from - offset : undefined;
			const mark = newMark();
			const running = await host.spawn(shellCommand, { signal });
			const before = offset;
			let records = '';
			const watched = readOnce(running, mark, offset, {
				onOutput: (bytes, at) => {
					offset = at + bytes.length;
					onOutput?.(bytes, at);
				},
				onRecords: (text) => {
					records += text;
					// What was read at first holds the same records, up to a point.
					if (records.length > (seen?.files.get('records') ?? '').length) {
						tell({ id, files: new Map(files.files).set('records', records).set('out', String(offset)) });
					}
				},
				onLive: () => onLive?.(),
				genuine: async (bytes, at) => {
					const missing = await readGap(host, state, id, signal);
					return missing !== undefined && missing.to > at
						? Math.min(bytes.length, Math.max(0, missing.from - at))
						: bytes.length;
				},
			});
			running.stdin.write(
				shellProgram(
					mark,
					{ ...stateValues(state), id, from: String(offset + 1), length: String(length ?? '') },
					[locateState, enterRun, script],
					{ keepInput: true },
				),
			);
			const { ended, stderr } = await watched;
			signal?.throwIfAborted();
			const refused = refusal(host.name, stderr);
			if (refused) {
				throw refused;
			}
			// Somebody may have ended the viewer's processes; one that never gets going is another thing.
			failures = ended === 'itself' && offset === before ? failures + 1 : 0;
			if (failures >= 3) {
				throw new BackoutError('failed', `the host could not show the output of run ${id}`, {
					host: host.name,
					run: id,
					output: stderr.slice(-4000),
					next: '`backout doctor` looks for what is missing on the host',
				});
			}
			if (ended === 'run' && length === undefined) {
				return tell(await readFiles());
			}
			// What was ended on the host is asked for again at once.
			if (ended === 'link') {
				onLost?.();
			}
		} catch (error) {
			signal?.throwIfAborted();
			const code = error instanceof BackoutError ? error.code : undefined;
			if (code === 'usage' && last !== undefined) {
				last = withoutFolder(last);
				onRun?.(last);
				return last;
			}
			if (code === 'usage' || code === 'refused') {
				throw error;
			}
			if (host.link.get().status === 'refused' || host.link.get().status === 'closed') {
				throw unknownOutcome(host, id, error);
			}
			if (!(error instanceof BackoutError) || code !== 'unreachable') {
				throw error;
			}
			onLost?.(host.link.get().status === 'up' ? error.message : undefined);
		}
	}
};
