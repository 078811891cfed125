import { setTimeout as sleep } from 'node:timers/promises';
import { BackoutError } from '../../../runbook/errors.ts';
import type { OutputGap, Run } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { refusal } from '../../host/run-script.ts';
import { newMark, shellCommand, shellProgram } from '../../host/shell-program.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import type { RunFiles } from './about-run.ts';
import script from './follow-run.sh';
import { readGap } from './output.ts';
import { readOnce } from './read-once.ts';
import { enterRun, isComingApart, readRunFiles } from './read-runs.ts';

export interface FollowOptions {
	/** Offset of the first wanted byte. Default 0. */
	readonly from?: number;
	/** Called with the bytes of the run's output as they arrive, in order, each once; `offset` is that of the first. */
	readonly onOutput?: (bytes: Buffer, offset: number) => void;
	/** Called in place of bytes that the host has not kept. */
	readonly onGap?: (gap: OutputGap) => void;
	/** Called with the run: at once, and whenever a step begins or ends. */
	readonly onRun?: (run: Run) => void;
	/**
	 * Called when the link was lost, or the host is too slow to answer, with the `reason`. The run keeps running; it is attached again
	 * automatically.
	 */
	readonly onLost?: (reason?: string) => void;
	/** Called when attached, the first time and again. */
	readonly onLive?: () => void;
	/** Aborting it closes the channel, nothing else. */
	readonly signal?: AbortSignal;
}

const unknownOutcome = (host: Host, id: string, cause: unknown): BackoutError =>
	new BackoutError('outcome-unknown', `run ${id} may still be running: the host could not be reached`, {
		host: host.name,
		run: id,
		next: `\`backout attach ${id}\` shows it again`,
		cause,
	});

/** Number of times that an incomplete folder is read, a second apart, before it is reported as it is: deleting one takes time. */
const mostLooks = 4;

/** Returns the run as last seen, after the host has deleted it: its outcome is known if its result was read. */
const withoutFolder = (run: Run): Run => {
	const { lostBy, ...rest } = run;
	return { ...rest, state: run.endedAt === undefined ? 'unknown' : run.state, gone: true };
};

const isUsage = (error: unknown): boolean => error instanceof BackoutError && error.code === 'usage';

/** Returns why the host's answer is missing; undefined if the link is lost. Throws errors that waiting cannot fix. */
const whyLost = (host: Host, id: string, error: unknown): string | undefined => {
	const code = error instanceof BackoutError ? error.code : undefined;
	if (code === 'usage' || code === 'refused') {
		throw error;
	}
	if (host.link.get().status === 'refused' || host.link.get().status === 'closed') {
		throw unknownOutcome(host, id, error);
	}
	if (!(error instanceof BackoutError) || code !== 'unreachable') {
		throw error;
	}
	return host.link.get().status === 'up' ? error.message : undefined;
};

/**
 * Follows a run to its end, from any byte of its output, and returns the ended Run. For a run that has ended already it does the same.
 * When the link is lost, or the host takes too long, it continues at the next byte once the host answers again. When the host no longer
 * has the run, it is returned as last seen, `gone`.
 *
 * Throws the signal's reason when aborted; BackoutError `usage` when there is no such run, `outcome-unknown` when the link was refused
 * for good meanwhile.
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
					// The first read has returned the same records, up to a point.
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
			// Somebody may have ended the viewer's processes on the host; but if one never starts, that is a failure.
			failures = ended === 'itself' && offset === before ? failures + 1 : 0;
			if (failures >= 3) {
				throw new BackoutError('failed', `the host could not show the output of run ${id}`, {
					host: host.name,
					run: id,
					output: stderr.slice(-4000),
					next: '`backout doctor` shows what is missing on the host',
				});
			}
			if (ended === 'run' && length === undefined) {
				return tell(await readFiles());
			}
			// After a failure on the host, attach again at once.
			if (ended === 'link') {
				onLost?.();
			}
		} catch (error) {
			signal?.throwIfAborted();
			if (last !== undefined && isUsage(error)) {
				last = withoutFolder(last);
				onRun?.(last);
				return last;
			}
			// Asked first, even without a listener, as it throws some errors.
			const why = whyLost(host, id, error);
			onLost?.(why);
		}
	}
};
