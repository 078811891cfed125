import { quote } from '../../runbook/shell-quote.ts';
import { defaultMaxBytes, tooSlow } from './collect.ts';
import { defaultTimeoutMs, type ExecOptions, type ExecResult, type Host, type HostProcess } from './host.ts';
import scriptShell from './script-shell.sh';
import { assignments, createMarkFilter, limitedShell, newMark } from './shell-program.ts';
import { orAbort } from './sleep.ts';

/** Length from which a paragraph is sent once, and named by the programs that contain it, characters. */
const worthNaming = 60;

/** Splits a text after its empty lines: joined with line ends, the paragraphs are the text. So what two texts share is found. */
const paragraphs = (text: string): readonly string[] => text.split(/(?<=\n)\n/);

const lineEnd = 0x0a;
const [wholeLine, partOfLine] = [0x3a, 0x2b];

/** Gathers one output of a program, from its lines. */
class Output {
	readonly #pieces: Buffer[] = [];
	readonly #maxBytes: number;
	#size = 0;

	constructor(maxBytes: number) {
		// The last line ends with an x and a line end that the program did not print.
		this.#maxBytes = maxBytes + 2;
	}

	add(text: Buffer, isWhole: boolean): void {
		for (const piece of isWhole ? [text, Buffer.from('\n')] : [text]) {
			if (this.#size < this.#maxBytes) {
				this.#pieces.push(piece.subarray(0, this.#maxBytes - this.#size));
			}
			this.#size += piece.length;
		}
	}

	get truncated(): boolean {
		return this.#size > this.#maxBytes;
	}

	/** All of it, once it has ended. */
	bytes(): Buffer {
		const all = Buffer.concat(this.#pieces);
		return this.truncated ? all.subarray(0, this.#maxBytes - 2) : all.subarray(0, Math.max(0, all.length - 2));
	}
}

/** A program that runs in the shell. */
interface Running {
	readonly out: Output;
	readonly err: Output;
	readonly done: PromiseWithResolvers<ExecResult>;
	code: number | undefined;
}

/** One shell on a host that runs many programs at the same time (script-shell.sh). */
export class ScriptShell {
	readonly #host: string;
	readonly #process: HostProcess;
	readonly #running = new Map<number, Running>();
	/** Numbers of the paragraphs that the shell has. */
	readonly #named = new Map<string, number>();
	readonly #idle: () => void;
	#last = 0;
	#rest: Buffer = Buffer.alloc(0);
	#isOver = false;

	/** @param idle called whenever no program runs any more */
	constructor(host: string, process: HostProcess, idle: () => void) {
		this.#host = host;
		this.#process = process;
		this.#idle = idle;
		process.end.then(
			() => this.#lost(),
			() => this.#lost(),
		);
	}

	/** True when it takes no more programs. */
	get isOver(): boolean {
		return this.#isOver;
	}

	get isBusy(): boolean {
		return this.#running.size > 0;
	}

	/** Takes output of the shell, after its mark. */
	take(piece: Buffer): void {
		let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
		for (let at = bytes.indexOf(lineEnd); at >= 0; at = bytes.indexOf(lineEnd)) {
			this.#line(bytes.subarray(0, at));
			bytes = bytes.subarray(at + 1);
		}
		this.#rest = bytes;
	}

	#line(line: Buffer): void {
		const at = line.indexOf(' ');
		const running = this.#running.get(Number(line.toString('latin1', 0, at)));
		const separator = line[at + 2];
		if (running === undefined || at < 0 || (separator !== wholeLine && separator !== partOfLine)) {
			return;
		}
		const text = line.subarray(at + 3);
		switch (line.toString('latin1', at + 1, at + 2)) {
			case 'o':
				running.out.add(text, separator === wholeLine);
				break;
			case 'e':
				running.err.add(text, separator === wholeLine);
				break;
			case 'x':
				running.code = Number(text.toString('latin1'));
				break;
			case '.':
				running.done.resolve({
					code: running.code,
					lost: running.code === undefined,
					stdout: running.out.bytes(),
					stderr: running.err.bytes(),
					truncated: running.out.truncated || running.err.truncated,
				});
				break;
		}
	}

	/**
	 * Runs a program to its end; it is the texts, joined with line ends. The timeout counts from the call. Rejects with the signal's reason
	 * when aborted, and with a BackoutError when the program takes too long: other programs go on.
	 */
	async exec(
		texts: readonly string[],
		{ signal, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes }: Omit<ExecOptions, 'input'>,
	): Promise<ExecResult> {
		signal?.throwIfAborted();
		const number = ++this.#last;
		const running: Running = {
			out: new Output(maxBytes),
			err: new Output(maxBytes),
			done: Promise.withResolvers(),
			code: undefined,
		};
		this.#running.set(number, running);
		const timer = setTimeout(() => {
			// The program keeps running until the shell ends, so no others are started in it.
			this.#isOver = true;
			running.done.reject(tooSlow(this.#host, `${Math.round(timeoutMs / 100) / 10} s`));
		}, timeoutMs);
		this.#process.stdin.write(this.#order(number, texts));
		try {
			return await orAbort(running.done.promise, signal);
		} finally {
			clearTimeout(timer);
			this.#running.delete(number);
			this.#isOver ||= signal?.aborted === true;
			if (!this.isBusy) {
				this.#idle();
			}
		}
	}

	/** Returns what the shell is told: the paragraphs that it does not have yet, and the program. */
	#order(number: number, texts: readonly string[]): string {
		const fresh: Record<string, string> = {};
		const words = texts.flatMap(paragraphs).map((text) => {
			if (text.length < worthNaming) {
				return quote(text);
			}
			const known = this.#named.get(text) ?? this.#named.size;
			if (!this.#named.has(text)) {
				this.#named.set(text, known);
				fresh[`text_${known}`] = text;
			}
			return `"$text_${known}"`;
		});
		return `${assignments(fresh)}\nprogram ${number} ${words.join(' ')} &\n`;
	}

	#lost(): void {
		this.#isOver = true;
		for (const { done, out, err } of this.#running.values()) {
			done.resolve({ code: undefined, lost: true, stdout: out.bytes(), stderr: err.bytes(), truncated: false });
		}
	}

	/** Ends it with all that still runs in it. */
	close(): void {
		this.#isOver = true;
		this.#process.close();
	}
}

/** Age until which a shell takes programs, ms: the host ends it after twice that. */
const mostAgeMs = 5 * 60_000;

/**
 * Time for which a shell takes programs after it was asked for, and is kept after its last program, ms. A dashboard runs scripts all the time:
 * these alone must not keep it.
 */
const keptMs = 10_000;

/** Time to wait for a shell: one that takes longer is not worth it, ms. */
const openMs = 5000;

/** Starts a shell. Resolves to undefined if the host starts none in time. */
const startScriptShell = async (host: Host): Promise<ScriptShell | undefined> => {
	const ready = Promise.withResolvers<ScriptShell | undefined>();
	const late = setTimeout(() => ready.resolve(undefined), openMs);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const idle = () => {
		clearTimeout(timer);
		timer = setTimeout(() => shell.isBusy || shell.close(), shell.isOver ? 0 : keptMs);
		timer.unref();
	};
	const running = await host.spawn(limitedShell(mostAgeMs), {
		short: true,
		// While programs run in it, it does not give way: others wait for them.
		busySince: () => (shell.isBusy ? Number.POSITIVE_INFINITY : undefined),
	});
	const shell = new ScriptShell(host.name, running, idle);
	const mark = newMark();
	const afterMark = createMarkFilter(mark);
	running.stdin.on('error', () => {});
	running.stderr.resume();
	running.stdout.on('data', (piece: Buffer) => {
		const rest = afterMark(piece);
		if (rest !== undefined) {
			ready.resolve(shell);
			shell.take(rest);
		}
	});
	const ended = () => ready.resolve(undefined);
	running.end.then(ended, ended);
	running.stdin.write(`${assignments({ mark })}\n${scriptShell}\n`);
	const opened = await ready.promise;
	clearTimeout(late);
	if (opened === undefined) {
		shell.close();
	} else {
		idle();
	}
	return opened;
};

interface Kept {
	readonly startedAt: number;
	/** The last time when somebody said that several scripts will run. */
	askedAt: number;
	readonly starting: Promise<ScriptShell | undefined>;
	/** The shell, once it has started. */
	shell?: ScriptShell | undefined;
}

const kept = new WeakMap<Host, Kept>();

/** Returns what is kept for a host, unless it takes no more programs. One that could not be started stays, so that it is not tried again. */
const current = (host: Host): Kept | undefined => {
	const found = kept.get(host);
	const isOld = found === undefined || performance.now() - found.startedAt > mostAgeMs;
	return isOld || found.shell?.isOver === true ? undefined : found;
};

/**
 * Says that several scripts will run on a host soon. For ten seconds, `runScript` runs all scripts in one shell: one session and one login
 * for all, one round trip for each, and what they have in common is sent once. If the host has no such shell, each gets a session of its
 * own, as otherwise.
 */
export const keepScriptShell = (host: Host): void => {
	const found = current(host);
	if (found !== undefined) {
		found.askedAt = performance.now();
	} else {
		const starting = startScriptShell(host).catch(() => undefined);
		const now = performance.now();
		const fresh: Kept = { startedAt: now, askedAt: now, starting };
		void starting.then((shell) => {
			fresh.shell = shell;
		});
		kept.set(host, fresh);
	}
};

/** Returns the shell that is kept for a host's scripts, once it has started; undefined if there is none. Rejects with the signal's reason. */
export const keptScriptShell = (host: Host, signal?: AbortSignal): Promise<ScriptShell | undefined> | undefined => {
	const found = current(host);
	if (found === undefined || performance.now() - found.askedAt > keptMs) {
		return undefined;
	}
	return orAbort(found.starting, signal).then((shell) => (shell?.isOver === false ? shell : undefined));
};
