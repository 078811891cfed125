import type { Engine } from '../../engine/engine.ts';
import type { Instance, LogOptions } from '../../engine/instance.ts';
import { createOutputMasker, type OutputMasker } from '../../runbook/output-masker.ts';
import { createResumePoint } from '../../services/logs/resume-point.ts';
import { createStampedCutter, type StampedLine } from '../../services/logs/stamped-lines.ts';
import type { LogEntry } from '../../stores/log-page.ts';

export interface ContainerLogOptions {
	/** The number of its lines' source. */
	readonly source: number;
	/** Values that are masked wherever they stand. */
	readonly secrets: readonly string[];
}

/** One container's log, masked, with Docker's times: forward from where it was left, and backward by pages. */
export interface ContainerLog {
	/** What has not been read yet, from `since` on where nothing was read before. Ends where Docker ends it. */
	read(
		options: Pick<LogOptions, 'since' | 'tail' | 'follow' | 'signal'>,
	): AsyncGenerator<readonly LogEntry[], void, undefined>;
	/** At most about so many of the lines before the oldest that was read, not before `since`; none: there are none. */
	older(
		lines: number,
		options: { readonly since?: bigint; readonly signal: AbortSignal },
	): Promise<readonly LogEntry[]>;
	/** False when a reading did not go on where the one before it was left; whoever has said so sets it again. */
	wentOn: boolean;
	/** Lines read, as Docker's `tail` counts them. */
	readonly pieces: number;
	/** The time of the newest line, ms by the host's clock. */
	readonly newest: number | undefined;
}

const LF = 10;

/** Masks whole lines: as many come out as go in. */
const maskLines = (masker: OutputMasker, lines: readonly StampedLine[], offset: number): Buffer[] => {
	const joined = Buffer.allocUnsafe(lines.reduce((sum, { bytes }) => sum + bytes.length + 1, 0));
	let at = 0;
	for (const { bytes } of lines) {
		at += bytes.copy(joined, at);
		joined[at++] = LF;
	}
	const pieces = masker.push(joined, offset);
	const masked = pieces.length === 1 && pieces[0] ? pieces[0].bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));
	const found: Buffer[] = [];
	let from = 0;
	for (let to = masked.indexOf(LF); to !== -1; to = masked.indexOf(LF, from)) {
		found.push(masked.subarray(from, to));
		from = to + 1;
	}
	return found;
};

export const createContainerLog = (
	engine: Engine,
	{ id, tty }: Pick<Instance, 'id' | 'tty'>,
	{ source, secrets }: ContainerLogOptions,
): ContainerLog => {
	const point = createResumePoint();
	const masker = createOutputMasker(secrets);
	let offset = 0;
	let pieces = 0;
	let oldest: bigint | undefined;
	let hasRead = false;
	let wentOn = true;

	const toEntries = (lines: readonly StampedLine[], using: OutputMasker, at: number): LogEntry[] => {
		const texts = maskLines(using, lines, at);
		return lines.map(({ seconds, nanos }, index) => ({
			source,
			time: seconds === undefined ? (point.newest ?? engine.clock.now()) : seconds * 1000 + nanos / 1e6,
			bytes: texts[index] ?? new Uint8Array(),
		}));
	};
	const take = (lines: readonly StampedLine[]): LogEntry[] => {
		const fresh: StampedLine[] = [];
		for (const line of lines) {
			if (!point.isKnown(line)) {
				point.note(line);
				pieces += line.pieces;
				fresh.push(line);
			}
		}
		noteOldest(fresh);
		if (fresh.length === 0) {
			return [];
		}
		const entries = toEntries(fresh, masker, offset);
		offset += fresh.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);
		return entries;
	};
	const noteOldest = (lines: readonly StampedLine[]) => {
		for (const { seconds, nanos } of lines) {
			if (seconds !== undefined) {
				const stamp = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
				if (oldest === undefined || stamp < oldest) {
					oldest = stamp;
				}
				// The first one that has a time: what follows is younger.
				return;
			}
		}
	};

	return {
		read: async function* ({ since, tail, follow, signal }) {
			const from = point.resume();
			const goesOn = from !== undefined;
			const cutter = createStampedCutter();
			const request = goesOn ? { since: from } : { since, tail };
			let first = true;
			for await (const chunk of engine.logs(id, { ...request, follow, tty, timestamps: true, signal })) {
				const cut = cutter.push(chunk);
				const entries = take(cut);
				if (first && cut.length > 0) {
					wentOn &&= !goesOn || point.met;
					first = false;
					// Also when nothing is new: that it goes on is news after a loss.
					yield entries;
				} else if (entries.length > 0) {
					yield entries;
				}
			}
			const rest = take(cutter.end());
			if (rest.length > 0) {
				yield rest;
			}
			hasRead = true;
		},
		older: async (lines, { since, signal }) => {
			if (oldest === undefined || !hasRead) {
				return [];
			}
			const until = oldest - 1n;
			// Docker takes the newest `tail` lines first, and then those of them that are old enough.
			for (let tail = pieces + lines, round = 0; round < 2; tail = tail * 2 + lines, round++) {
				const cutter = createStampedCutter();
				const found: StampedLine[] = [];
				const options = { tail, until, tty, timestamps: true, signal, ...(since !== undefined && { since }) };
				for await (const chunk of engine.logs(id, options)) {
					found.push(...cutter.push(chunk).map((line) => ({ ...line, bytes: Buffer.from(line.bytes) })));
				}
				found.push(...cutter.end());
				if (found.length > 0) {
					pieces += found.reduce((sum, line) => sum + line.pieces, 0);
					noteOldest(found);
					return toEntries(found, createOutputMasker(secrets), 0);
				}
			}
			return [];
		},
		get wentOn() {
			return wentOn;
		},
		set wentOn(is) {
			wentOn = is;
		},
		get pieces() {
			return pieces;
		},
		get newest() {
			return point.newest;
		},
	};
};
