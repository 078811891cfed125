import { PassThrough, Writable } from 'node:stream';
import { BackoutError } from '../../src/runbook/errors.ts';
import { execute } from '../../src/services/host/collect.ts';
import type {
	ExecEnd,
	ExecOptions,
	ExecResult,
	Host,
	HostProcess,
	SpawnOptions,
} from '../../src/services/host/host.ts';
import { createLinkStore } from '../../src/services/host/link-store.ts';
import type { Random } from '../soak/random.ts';
import type { PlayedRun } from './played-run.ts';

/** A process on the played host: what it has still to say, by stream, and whether it has been told to end. */
interface Process {
	readonly stdout: PassThrough;
	readonly stderr: PassThrough;
	left: { stdout: Buffer; stderr: Buffer };
	/** How far it has read the run; undefined unless it follows it. */
	follows: { output: number; records: number; hasSaidEnd: boolean } | undefined;
	/** Its exit code once it has nothing more to say. */
	code: number | undefined;
	/** It never says anything. */
	isMute: boolean;
	readonly end: PromiseWithResolvers<ExecEnd>;
	isOver: boolean;
}

/**
 * A host that exists in this process only: a seed decides which of its processes says how many bytes when, when its link is cut and comes
 * back, and which answer never comes. It knows the scripts of the runner by a piece of their text, and answers from a played run.
 */
export class SeededHost implements Pick<Host, 'name' | 'link' | 'ready' | 'exec' | 'spawn' | 'reconnect' | 'close'> {
	readonly name = 'played';
	readonly #link = createLinkStore('up');
	readonly link: Host['link'] = this.#link;
	readonly #random: Random;
	readonly #run: PlayedRun;
	readonly #processes = new Set<Process>();
	#up = Promise.withResolvers<void>();
	#isCalm = false;

	constructor(random: Random, run: PlayedRun) {
		this.#random = random;
		this.#run = run;
		this.#up.resolve();
	}

	/** From now on every process says what it has to say. */
	calm(): void {
		this.#isCalm = true;
	}

	/** Processes that nobody has ended. */
	get open(): number {
		return this.#processes.size;
	}

	get isUp(): boolean {
		return this.#link.get().status === 'up';
	}

	/** The host as the program takes it; nothing here reaches a port or a socket. */
	get host(): Host {
		return this as unknown as Host;
	}

	cut(): void {
		if (!this.isUp) return;
		this.#up = Promise.withResolvers();
		this.#link.set({ status: 'reconnecting' });
		for (const process of [...this.#processes]) this.#over(process, { code: undefined, lost: true });
	}

	reconnect(): void {
		this.#link.set({ status: 'up' });
		this.#up.resolve();
	}

	async close(): Promise<void> {
		this.cut();
		this.#link.set({ status: 'closed' });
	}

	async ready(signal?: AbortSignal): Promise<void> {
		await Promise.race([
			this.#up.promise,
			...(signal === undefined
				? []
				: [
						new Promise<never>((_, reject) => {
							if (signal.aborted) reject(signal.reason);
							signal.addEventListener('abort', () => reject(signal.reason), { once: true });
						}),
					]),
		]);
	}

	exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
		return execute(this, (signal) => this.spawn(command, { signal }), options);
	}

	async spawn(_: string, { signal }: SpawnOptions = {}): Promise<HostProcess> {
		signal?.throwIfAborted();
		await this.ready(signal);
		const process: Process = {
			stdout: new PassThrough(),
			stderr: new PassThrough(),
			left: { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) },
			follows: undefined,
			code: undefined,
			isMute: !this.#isCalm && this.#random.chance(0.03),
			end: Promise.withResolvers(),
			isOver: false,
		};
		this.#processes.add(process);
		let program = '';
		const stdin = new Writable({
			write: (chunk: Buffer, _encoding, done) => {
				program += chunk.toString('utf8');
				if (program.endsWith('exit; }\n')) this.#begin(process, program);
				done();
			},
			final: (done) => {
				// The viewer's script ends when its input does, and says no more.
				if (process.follows !== undefined) {
					process.code = 0;
					process.left = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
				}
				done();
			},
		});
		const close = () => this.#over(process, { code: undefined, lost: false });
		signal?.addEventListener('abort', close, { once: true });
		void process.end.promise.finally(() => signal?.removeEventListener('abort', close));
		return { stdin, stdout: process.stdout, stderr: process.stderr, end: process.end.promise, close };
	}

	#begin(process: Process, program: string): void {
		const mark = /backout-[0-9a-f]{18}/.exec(program)?.[0] ?? '';
		const say = (text: Buffer | string) => {
			process.left.stdout = Buffer.concat([process.left.stdout, Buffer.from(text)]);
		};
		say(`${mark}\n`);
		process.left.stderr = Buffer.from(`${mark}\n`);
		if (program.includes('tail -c +1 -f records')) {
			const from = Number(/^from='(\d+)'$/m.exec(program)?.[1] ?? 1) - 1;
			process.follows = { output: from, records: 0, hasSaidEnd: false };
			return;
		}
		if (program.includes('for file in plan.json')) say(this.#run.files());
		else if (program.includes('state:running')) say(this.#run.summary());
		else throw new BackoutError('failed', 'no program that the played host knows');
		process.code = 0;
	}

	/** Lets one process go on by some bytes. @returns false when none had anything to do */
	step(): boolean {
		const ready = [...this.#processes].filter((process) => !process.isMute && this.#canSay(process));
		if (ready.length === 0) return false;
		const process = this.#random.one(ready);
		const names = (['stdout', 'stderr'] as const).filter((name) => process.left[name].length > 0);
		if (names.length === 0) {
			this.#over(process, { code: process.code, lost: false });
			return true;
		}
		const name = this.#random.one(names);
		const whole = process.left[name];
		const bytes = whole.subarray(0, this.#random.chance(0.5) ? whole.length : this.#random.between(1, whole.length));
		process.left[name] = whole.subarray(bytes.length);
		process[name].write(bytes);
		return true;
	}

	/** Fetches what is new for a follower. */
	#canSay({ follows, left, code }: Process): boolean {
		if (follows !== undefined && code === undefined) {
			const { output, records, hasEnded } = this.#run.at;
			left.stdout = Buffer.concat([left.stdout, output.subarray(follows.output)]);
			left.stderr = Buffer.concat([left.stderr, Buffer.from(records.slice(follows.records))]);
			follows.output = Math.max(follows.output, output.length);
			follows.records = records.length;
			if (hasEnded && !follows.hasSaidEnd) {
				follows.hasSaidEnd = true;
				left.stderr = Buffer.concat([left.stderr, Buffer.from(`\nEND ${output.length}\n`)]);
			}
		}
		return left.stdout.length + left.stderr.length > 0 || code !== undefined;
	}

	#over(process: Process, end: ExecEnd): void {
		if (process.isOver) return;
		process.isOver = true;
		this.#processes.delete(process);
		if (end.code === undefined) {
			process.stdout.destroy();
			process.stderr.destroy();
			process.end.resolve(end);
			return;
		}
		process.stderr.end();
		process.stdout.end();
		process.stdout.once('end', () => process.end.resolve(end));
	}
}
