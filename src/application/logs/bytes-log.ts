import type { Engine } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';
import { millisToNanos } from '../../engine/time.ts';
import { maskOutput } from '../secrets/masked-output.ts';
import type { LogReader } from './log-reader.ts';

export interface BytesLogOptions {
	/** How many of the newest lines it begins with. */
	readonly tail: number;
	/** It follows another container's: it begins with the container's current run. */
	readonly isNext: boolean;
	/** Values that are masked wherever they stand. */
	readonly secrets: readonly string[];
	/** Takes what is read, masked, as it comes. */
	readonly onBytes: (bytes: Uint8Array) => void;
}

/**
 * One container's log as bytes without times, at the least cost: they are neither cut into lines nor stamped. After a loss it
 * goes on at the time when it was last heard of, by the host's clock, so lines of that moment may come twice.
 */
export class BytesLog implements LogReader<undefined> {
	/** It cannot tell. */
	wentOn = true;
	readonly #engine: Engine;
	readonly #options: BytesLogOptions;
	/** The start of the container that was read last, and the host's time when its newest bytes came, ms. */
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
		// Once: the container answers, so a log in which nothing happens is not lost. What comes goes to `onBytes`.
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
