import { fromMasked, type Masked } from '../../runbook/masked.ts';
import type { CopyEntry, RunCopy } from '../../runbook/read-copy.ts';
import { type Run, type RunSummary, summaryOf } from '../../runbook/run.ts';
import { defaultRunLimits } from '../../runbook/run-limits.ts';
import type { Target } from '../../runbook/runbook.ts';
import { maskPlan } from '../../runbook/secrets.ts';
import { maskDeep, maskText, secretValues } from '../../runbook/secrets-deep.ts';
import { appendToCopy, copiedRuns, pruneCopies, readCopyText } from '../../services/files/journal-folder.ts';
import type { Session } from '../fleet/session.ts';

/** Loads the shapes of copies, which are needed only when one is read. */
const readCopy = () => import('../../runbook/read-copy.ts');

/** Size of the part at the start of a run's output that is copied, bytes; of the rest only the end, once the run is no longer followed. */
const headBytes = 1024 * 1024;
const tailBytes = 128 * 1024;
/** Time for which output waits for more before it is written, ms. */
const pauseMs = 500;

/** Copies a followed run to this machine. Never fails: the host's journal is the truth. */
export interface CopyWriter {
	run(run: Run): void;
	output(bytes: Uint8Array, offset: number): void;
	/** Masks these values as well. */
	know(secrets: readonly string[]): void;
	/** Resolves when everything is written. */
	end(): Promise<void>;
}

/** Splits bytes after the last line end. */
const splitAtLine = (bytes: Buffer): readonly [Buffer, Buffer] => {
	const at = bytes.lastIndexOf(0x0a) + 1;
	return [bytes.subarray(0, at), bytes.subarray(at)];
};

/** Opens the copy of a run; output that it already has is not written again. Secrets are masked. Old copies are deleted. */
export const openCopy = ({ target }: Pick<Session, 'target'>, id: string, env = process.env): CopyWriter => {
	let written = Promise.resolve();
	let failed = false;
	let upTo = 0;
	const write = (entryOf: () => Masked<CopyEntry> | undefined) => {
		written = written.then(async () => {
			const entry = failed ? undefined : entryOf();
			if (entry !== undefined) {
				const line = fromMasked(entry, (value) => `${JSON.stringify(value)}\n`);
				await appendToCopy(target, id, line, env);
			}
		});
		written = written.catch(() => {
			failed = true;
		});
	};
	written = pruneCopies(target, target.runs ?? defaultRunLimits, env)
		.then(() => readCopyText(target, id, env))
		.then(async (text) => {
			upTo = text === '' ? 0 : (await readCopy()).copiedUpTo(text);
		});

	let planned = false;
	let secrets: readonly string[] = [];
	let known: readonly string[] = [];
	let last = '';
	let pending = Buffer.alloc(0);
	let pendingFrom = 0;
	let timer: NodeJS.Timeout | undefined;

	const writeOutput = (bytes: Buffer, from: number) => {
		const to = from + bytes.length;
		const hidden = [...known, ...secrets];
		write(() => {
			if (to <= upTo) {
				return undefined;
			}
			const begin = Math.max(from, upTo);
			const text = maskText(bytes.toString('utf8', begin - from), hidden);
			upTo = to;
			return fromMasked(text, (shown): CopyEntry => ({ type: 'output', at: Date.now(), from: begin, to, text: shown }));
		});
	};
	const flush = (all: boolean) => {
		clearTimeout(timer);
		timer = undefined;
		const [whole, rest] = all || pendingFrom >= headBytes ? [pending, Buffer.alloc(0)] : splitAtLine(pending);
		if (whole.length > 0) {
			writeOutput(whole, pendingFrom);
		}
		pendingFrom += whole.length;
		pending = Buffer.from(rest);
	};

	return {
		run: (run) => {
			const { id: runId, plan, who, reason, startedAt, ...state } = run;
			secrets = secretValues(plan);
			if (!planned) {
				planned = true;
				const masked = maskDeep({ id: runId, plan: maskPlan(plan), who, reason, startedAt }, secrets);
				write(() => fromMasked(masked, (first): CopyEntry => ({ type: 'plan', at: Date.now(), run: first })));
			}
			const masked = maskDeep(state, secrets);
			// Left out of the comparison: the output itself shows how much there is.
			const now = JSON.stringify({ ...masked, outputBytes: 0 });
			if (now !== last) {
				last = now;
				write(() => fromMasked(masked, (told): CopyEntry => ({ type: 'state', at: Date.now(), run: told })));
			}
		},
		know: (values) => {
			known = values;
		},
		output: (bytes, offset) => {
			if (offset !== pendingFrom + pending.length) {
				flush(true);
				pendingFrom = offset;
			}
			pending = Buffer.concat([pending, bytes]);
			if (pendingFrom + pending.length <= headBytes) {
				timer ??= setTimeout(() => flush(false), pauseMs);
			} else if (pendingFrom < headBytes) {
				flush(true);
			} else if (pending.length > 2 * tailBytes) {
				pendingFrom += pending.length - tailBytes;
				pending = Buffer.from(pending.subarray(-tailBytes));
			}
		},
		end: () => {
			flush(true);
			return written;
		},
	};
};

/** Finds the copy of a run on this machine, by its id, the end of one that fits no other, or `last`. Undefined when there is none. */
export const findCopy = async (
	target: Pick<Target, 'host' | 'directory'>,
	text: string,
	env = process.env,
): Promise<RunCopy | undefined> => {
	const all = await copiedRuns(target, env);
	const fitting = text === 'last' ? all.slice(0, 1) : all.filter((id) => id === text || id.endsWith(text));
	const [id] = fitting;
	return id === undefined || fitting.length > 1
		? undefined
		: (await readCopy()).parseCopy(await readCopyText(target, id, env));
};

/** Maximum number of copies that are read for a list, since each has the output too. */
const mostListed = 50;

/** Lists the runs of a deployment from the copies on this machine, newest first, with the time of the host's last report for each. */
export const listCopies = async (
	target: Pick<Target, 'host' | 'directory'>,
	env = process.env,
): Promise<readonly { readonly run: RunSummary; readonly asOf: number }[]> => {
	const ids = (await copiedRuns(target, env)).slice(0, mostListed);
	const listed: { run: RunSummary; asOf: number }[] = [];
	for (const id of ids) {
		const copy = (await readCopy()).parseCopy(await readCopyText(target, id, env));
		if (copy !== undefined) {
			listed.push({ run: summaryOf(copy.run), asOf: copy.asOf });
		}
	}
	return listed;
};
