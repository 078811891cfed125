import type { Engine } from '../../engine/engine.ts';
import type { Instance, LogOptions } from '../../engine/instance.ts';
import { createOutputMasker, type OutputMasker } from '../../runbook/output-masker.ts';
import { createResumePoint } from '../../services/logs/resume-point.ts';
import { createStampedCutter, type StampedLine } from '../../services/logs/stamped-lines.ts';
import type { LogEntry } from '../../stores/log-page.ts';

export interface ContainerLogOptions {
	/** The index of its source, stored in each line. */
	readonly source: number;
	/** Values that are masked everywhere. */
	readonly secrets: readonly string[];
}

/** One container's log, masked, with Docker's times: forward from the last line, and backward in pages. */
export interface ContainerLog {
	/** Reads on from the last line, or from `since` if nothing was read before. Ends when Docker ends it. */
	read(
		options: Pick<LogOptions, 'since' | 'tail' | 'follow' | 'signal'>,
	): AsyncGenerator<readonly LogEntry[], void, undefined>;
	/** Reads about this many lines before the oldest one, not before `since`; an empty result means that there are none. */
	older(
		lines: number,
		options: { readonly since?: bigint; readonly signal: AbortSignal },
	): Promise<readonly LogEntry[]>;
	/** False when a read did not continue where the last one stopped; the caller that reports it sets it back. */
	wentOn: boolean;
	/** Lines read so far, as Docker's `tail` counts them. */
	readonly pieces: number;
	/** The time of the newest line, ms by the host's clock. */
	readonly newest: number | undefined;
}

const LF = 10;

/** Masks whole lines; the number of lines stays the same. */
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
	container: Pick<Instance, 'id' | 'tty'>,
	options: ContainerLogOptions,
): ContainerLog => new StampedLog(engine, container, options);

class StampedLog implements ContainerLog {
	wentOn = true;
	readonly #engine: Engine;
	readonly #container: Pick<Instance, 'id' | 'tty'>;
	readonly #options: ContainerLogOptions;
	readonly #point = createResumePoint();
	readonly #masker: OutputMasker;
	/** Bytes given to the masker so far. */
	#offset = 0;
	#pieces = 0;
	/** The time of the oldest line, ns. */
	#oldest: bigint | undefined;
	#hasRead = false;

	constructor(engine: Engine, container: Pick<Instance, 'id' | 'tty'>, options: ContainerLogOptions) {
		this.#engine = engine;
		this.#container = container;
		this.#options = options;
		this.#masker = createOutputMasker(options.secrets);
	}

	get pieces(): number {
		return this.#pieces;
	}

	get newest(): number | undefined {
		return this.#point.newest;
	}

	async *read({
		since,
		tail,
		follow,
		signal,
	}: Pick<LogOptions, 'since' | 'tail' | 'follow' | 'signal'>): AsyncGenerator<readonly LogEntry[], void, undefined> {
		const { id, tty } = this.#container;
		const from = this.#point.resume();
		const goesOn = from !== undefined;
		const cutter = createStampedCutter();
		const request = goesOn ? { since: from } : { since, tail };
		let isFirst = true;
		for await (const chunk of this.#engine.logs(id, { ...request, follow, tty, timestamps: true, signal })) {
			const cut = cutter.push(chunk);
			const entries = this.#take(cut);
			if (isFirst && cut.length > 0) {
				this.wentOn &&= !goesOn || this.#point.met;
				isFirst = false;
				// Yielded even if empty: after a loss, it is news that the log continues.
				yield entries;
			} else if (entries.length > 0) {
				yield entries;
			}
		}
		const rest = this.#take(cutter.end());
		if (rest.length > 0) {
			yield rest;
		}
		this.#hasRead = true;
	}

	async older(
		lines: number,
		{ since, signal }: { readonly since?: bigint; readonly signal: AbortSignal },
	): Promise<readonly LogEntry[]> {
		if (this.#oldest === undefined || !this.#hasRead) {
			return [];
		}
		const until = this.#oldest - 1n;
		// Docker first takes the newest `tail` lines, and then those of them that are old enough.
		for (let tail = this.#pieces + lines, round = 0; round < 2; tail = tail * 2 + lines, round++) {
			const found = await this.#readPage({ tail, until, signal, ...(since !== undefined && { since }) });
			if (found.length > 0) {
				this.#pieces += found.reduce((sum, line) => sum + line.pieces, 0);
				this.#noteOldest(found);
				return this.#toEntries(found, createOutputMasker(this.#options.secrets), 0);
			}
		}
		return [];
	}

	async #readPage(range: Pick<LogOptions, 'since' | 'until' | 'tail' | 'signal'>): Promise<StampedLine[]> {
		const { id, tty } = this.#container;
		const cutter = createStampedCutter();
		const found: StampedLine[] = [];
		for await (const chunk of this.#engine.logs(id, { ...range, tty, timestamps: true })) {
			found.push(...cutter.push(chunk).map((line) => ({ ...line, bytes: Buffer.from(line.bytes) })));
		}
		found.push(...cutter.end());
		return found;
	}

	/** Returns the lines that have not been read before. */
	#take(lines: readonly StampedLine[]): LogEntry[] {
		const fresh: StampedLine[] = [];
		for (const line of lines) {
			if (!this.#point.isKnown(line)) {
				this.#point.note(line);
				this.#pieces += line.pieces;
				fresh.push(line);
			}
		}
		this.#noteOldest(fresh);
		if (fresh.length === 0) {
			return [];
		}
		const entries = this.#toEntries(fresh, this.#masker, this.#offset);
		this.#offset += fresh.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);
		return entries;
	}

	#toEntries(lines: readonly StampedLine[], using: OutputMasker, at: number): LogEntry[] {
		const texts = maskLines(using, lines, at);
		const { source } = this.#options;
		return lines.map(({ seconds, nanos }, index) => ({
			source,
			time: seconds === undefined ? (this.#point.newest ?? this.#engine.clock.now()) : seconds * 1000 + nanos / 1e6,
			bytes: texts[index] ?? new Uint8Array(),
		}));
	}

	/** Records the time of the first line that has one: later lines are newer. */
	#noteOldest(lines: readonly StampedLine[]): void {
		const first = lines.find(({ seconds }) => seconds !== undefined);
		if (first?.seconds !== undefined) {
			const stamp = BigInt(first.seconds) * 1_000_000_000n + BigInt(first.nanos);
			if (this.#oldest === undefined || stamp < this.#oldest) {
				this.#oldest = stamp;
			}
		}
	}
}
