import type { Engine } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';
import { millisToNanos } from '../../engine/time.ts';
import { maskOutput } from '../secrets/masked-output.ts';
import type { LogReader } from './log-reader.ts';

export interface BytesLogOptions {
	/** Number of the newest lines to start with. */
	readonly tail: number;
	/** True when it follows another container's log: then it starts with the container's current process. */
	readonly isNext: boolean;
	/** Values that are masked everywhere. */
	readonly secrets: readonly string[];
	/** Receives the bytes, masked, as they arrive. */
	readonly onBytes: (bytes: Uint8Array) => void;
}

/**
 * One container's log as bytes without times, at the least cost: not split into lines, not stamped. After a loss it continues from the time
 * of its last bytes, by the host's clock, so lines of that moment may be repeated.
 */
export class BytesLog implements LogReader<undefined> {
	/** Always true, as it cannot tell. */
	wentOn = true;
	readonly #engine: Engine;
	readonly #options: BytesLogOptions;
	/** The start of the container that was read last, and the host's time of its newest bytes, ms. */
	#last: { readonly startedAt: number | undefined; readonly heardAt: number } | undefined;

	constructor(engine: Engine, options: BytesLogOptions) {
		this.#engine = engine;
		this.#options = options;
	}

	async *read(
		details: Instance,
		{ follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
	): AsyncGenerator<undefined, void, undefined> {
		const { secrets, onBytes } = this.#options;
		const { id, tty, startedAt } = details;
		const range = this.#rangeFor(details);
		const masked = maskOutput(secrets, onBytes);
		let taken = 0;
		this.#heard(startedAt);
		// Yields once: the container answers, so a silent log does not count as lost. The bytes go to `onBytes`.
		yield;
		try {
			for await (const { bytes } of this.#engine.logs(id, { follow, tty, signal, ...range })) {
				masked.push(bytes, taken);
				taken += bytes.length;
				this.#heard(startedAt);
			}
		} finally {
			masked.end();
		}
	}

	#rangeFor({ startedAt, logFrom }: Instance): { readonly since: bigint } | { readonly tail: number } {
		const last = this.#last;
		const since = last !== undefined && last.startedAt === startedAt ? millisToNanos(last.heardAt) : logFrom;
		const isFirst = last === undefined && !this.#options.isNext;
		return isFirst || since === undefined ? { tail: this.#options.tail } : { since };
	}

	#heard(startedAt: number | undefined): void {
		this.#last = { startedAt, heardAt: this.#engine.clock.now() };
	}
}
