import { Duplex, type Readable, type Writable } from 'node:stream';

/** A stream of bytes in both directions: an SSH channel, or a command's standard input and output. */
export interface Pipe {
	readonly readable: Readable;
	readonly writable: Writable;
	close(): void;
	/** Resolves when the pipe is over: with the error if it failed. */
	readonly over: Promise<Error | undefined>;
	/** True: the end of the readable side means nothing until `over` gives the reason, as a command that fails ends its output first. */
	readonly endsWhenOver?: boolean;
	/** True: the end of the writable side would close both directions, so only `close` closes the pipe. */
	readonly keepsOpen?: boolean;
	/** True when a program connects after the pipe is open: only an answer, or its end, says whether the other side is there. */
	readonly connectsLater?: boolean;
}

/** The use of a pipe. */
export interface PipeUse {
	/** Start of its current request, ms by `performance.now()`; undefined while the pipe is kept for the next one. */
	readonly busySince: number | undefined;
}

/** Opens a pipe. Must give up when the signal is aborted, and close a pipe that was opened too late. */
export type OpenPipe = (signal: AbortSignal, use: PipeUse) => Promise<Pipe>;

const failure = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/**
 * Looks like a net.Socket to node:http and got, over a pipe that may still be opening: it exists at once, is `connecting`, and then emits
 * `connect`. An agent's createConnection must return it synchronously, or got's timers do not start; and its `setTimeout` must fire, or
 * got's socket timeout does not.
 */
export class PipeSocket extends Duplex implements PipeUse {
	connecting = true;
	/** Set by the agent that keeps it. */
	busySince: number | undefined = performance.now();
	timeout = 0;
	bytesRead = 0;
	bytesWritten = 0;
	readonly #abort = new AbortController();
	#pipe: Pipe | undefined;
	#idle: NodeJS.Timeout | undefined;
	#finished = false;

	constructor(open: OpenPipe) {
		// Like a net.Socket, it ends when the other side ends, so that an idle one leaves the agent's pool.
		super({ allowHalfOpen: false, autoDestroy: true, emitClose: true });
		// Between two requests no agent listens to it: an error then concerns nobody, and must not end the program.
		this.on('error', () => {});
		open(this.#abort.signal, this).then(
			(pipe) => this.#attach(pipe),
			(error) => this.destroy(error as Error),
		);
	}

	/** True when being open does not prove that the other side has accepted the connection. */
	get connectsLater(): boolean {
		return this.#pipe?.connectsLater === true;
	}

	#attach(pipe: Pipe): void {
		if (this.destroyed) {
			pipe.close();
			return;
		}
		this.#pipe = pipe;
		this.connecting = false;
		pipe.readable.on('data', (chunk: Buffer) => {
			this.#touch();
			this.bytesRead += chunk.length;
			if (!this.push(chunk)) {
				pipe.readable.pause();
			}
		});
		if (!pipe.endsWhenOver) {
			pipe.readable.on('end', () => this.#finish());
		}
		pipe.readable.on('error', (error) => this.destroy(error));
		pipe.writable.on('error', (error) => {
			if (!pipe.endsWhenOver) {
				this.destroy(error);
			}
		});
		pipe.over.then((error) => {
			if (error) {
				this.destroy(error);
			} else {
				this.#finish();
			}
		});
		// It may have been paused, and node:http may have asked for data before there was a pipe.
		pipe.readable.resume();
		this.emit('connect');
		this.emit('ready');
	}

	#finish(): void {
		if (!this.#finished) {
			this.#finished = true;
			this.push(null);
		}
	}

	#touch(): void {
		this.#idle?.refresh();
	}

	/** Calls back when the pipe is open. If the stream is destroyed, nobody is called back: Duplex drops the calls that were waiting. */
	#whenOpen(run: (pipe: Pipe) => void): void {
		if (this.#pipe) {
			run(this.#pipe);
		} else {
			this.once('connect', () => this.#pipe && run(this.#pipe));
		}
	}

	override _read(): void {
		this.#pipe?.readable.resume();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
		this.#whenOpen((pipe) => {
			this.#touch();
			this.bytesWritten += chunk.length;
			// The way a command ended says more than that it did not read to the end.
			const done = (error?: Error | null) => callback(pipe.endsWhenOver ? null : error);
			// A closed channel of ssh2 never calls back.
			if (pipe.writable.writableEnded || pipe.writable.destroyed || !pipe.writable.writable) {
				done(failure('the other side closed the connection', 'EPIPE'));
				return;
			}
			pipe.writable.write(chunk, done);
		});
	}

	override _final(callback: (error?: Error | null) => void): void {
		this.#whenOpen((pipe) => {
			if (!pipe.keepsOpen) {
				pipe.writable.end();
			}
			callback();
		});
	}

	override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
		clearTimeout(this.#idle);
		this.#idle = undefined;
		this.connecting = false;
		if (this.#pipe === undefined) {
			this.#abort.abort(failure('the connection was aborted', 'ECONNABORTED'));
		} else {
			this.#pipe.close();
		}
		callback(error);
	}

	setTimeout(milliseconds: number, listener?: () => void): this {
		clearTimeout(this.#idle);
		this.#idle = undefined;
		this.timeout = milliseconds;
		if (milliseconds > 0) {
			if (listener) {
				this.once('timeout', listener);
			}
			this.#idle = setTimeout(() => this.emit('timeout'), milliseconds);
		} else if (listener) {
			this.removeListener('timeout', listener);
		}
		return this;
	}

	setNoDelay(): this {
		return this;
	}

	setKeepAlive(): this {
		return this;
	}

	ref(): this {
		return this;
	}

	unref(): this {
		return this;
	}

	destroySoon(): void {
		this.end();
		if (this.writableFinished) {
			this.destroy();
		} else {
			this.once('finish', () => this.destroy());
		}
	}
}
