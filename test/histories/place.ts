import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	closeSync,
	constants,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	readSync,
	rmSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineOf } from '../../src/application/fleet/choose-engine.ts';
import type { Session } from '../../src/application/fleet/session.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import { followRun, newRunId, restorePointStep } from '../helpers/compose-runner.ts';
import { killSupervisor, named, startedWith, textOf, usersOf, workingIn } from '../helpers/proc.ts';
import { localHost, makeDeployment, step } from '../runner/fixture.ts';
import { CutHost } from './cut-host.ts';
import type { ModelRun } from './model.ts';

const day = 86_400_000;

/** Ten runs of a time to come: they are the newest, which a prune never takes, and change nothing. */
const makeRunsToCome = (state: string): void => {
	for (let years = 1; years <= 10; years++) {
		const at = Date.now() + years * 365 * day;
		const folder = join(state, 'runs', newRunId(new Date(at)));
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const about = { procedure: 'p', title: 't', risk: 'read-only', who: { user: 'u', machine: 'm' }, reason: '' };
		const texts = { 'about.json': `${JSON.stringify(about)}\n`, started: `${at}\n`, result: `succeeded 0 ${at}\n` };
		for (const [name, text] of Object.entries({ ...texts, records: '', facts: '', alive: '', out: '' })) {
			writeFileSync(join(folder, name), text);
		}
	}
};

/** A program before the real one of its name on the host's PATH. */
const before = (bin: string, name: string, script: string): void => {
	const real = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).stdout.trim();
	writeFileSync(join(bin, name), `#!/bin/sh\n${script.replaceAll('REAL', real)}\nexec ${real} "$@"\n`);
	chmodSync(join(bin, name), 0o755);
};

const endProcess = (pid: number): void => {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended meanwhile.
	}
};

/** One that follows a run, and what it has seen. */
interface Watch {
	/** How often the run has come to a place where it rests. */
	rests: number;
	ended: boolean;
	/** Resolves at the next change of these. */
	next: PromiseWithResolvers<void>;
	output: string;
	wrong: string[];
}

export interface Operator {
	readonly name: string;
	readonly host: CutHost;
	readonly session: Session;
	readonly stop: AbortController;
}

/** A deployment on this machine, two operators, and what is known of its runs: ids, gates, and what a follower of each has seen. */
export class Place {
	readonly deployment = makeDeployment();
	readonly root = dirname(this.deployment.directory);
	readonly ledger = join(this.root, 'ledger');
	readonly #env: NodeJS.ProcessEnv;
	readonly observer;
	readonly operators: readonly Operator[];
	/** The ids of the runs, by their labels. */
	readonly ids = new Map<number, string>();
	readonly watches = new Map<string, Watch>();
	readonly follows: Promise<void>[] = [];
	readonly #gates = new Map<string, number>();
	readonly wrong: string[] = [];

	constructor() {
		const bin = join(this.root, 'bin');
		mkdirSync(bin);
		mkdirSync(this.deployment.state, { mode: 0o700 });
		writeFileSync(this.ledger, '');
		writeFileSync(this.#day, '0');
		this.deployment.write('.env', 'first\n');
		makeRunsToCome(this.deployment.state);
		before(bin, 'date', `[ "$(cat '${this.#day}')" = 0 ] || exec REAL -d "now $(cat '${this.#day}') days" "$@"`);
		before(bin, 'mkfifo', `[ ! -e '${this.#killer}' ] || { rm '${this.#killer}'; kill -KILL "$PPID"; }`);
		writeFileSync(join(bin, 'docker'), '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n');
		chmodSync(join(bin, 'docker'), 0o755);
		this.#env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, DOCKER_HOST: 'unix:///no/docker.sock' };
		this.observer = localHost(this.#env);
		this.operators = ['ana', 'ben'].map((name) => this.#operator(name));
	}

	get #day() {
		return join(this.root, 'day');
	}

	get #killer() {
		return join(this.root, 'kill-the-starter');
	}

	#operator(name: string): Operator {
		const host = new CutHost({ env: this.#env });
		const target = {
			...this.deployment.where,
			name: 'test',
			project: 'app',
			runbook: { variables: {}, checks: [] },
		} as unknown as Target;
		const session = { host, target, engine: engineOf(host, target), readOnly: false } as unknown as Session;
		return { name, host, session, stop: new AbortController() };
	}

	setDay(days: number): void {
		writeFileSync(this.#day, String(days));
	}

	/** The next program that starts a run is killed when it makes the FIFO. */
	killStarter(): void {
		writeFileSync(this.#killer, '');
	}

	starterLives(): void {
		rmSync(this.#killer, { force: true });
	}

	idOf(run: number): string {
		return this.ids.get(run) ?? '';
	}

	#gate(label: number, at: number): { readonly path: string; readonly fd: number } {
		const path = join(this.root, `gate-${label}-${at}`);
		if (!existsSync(path)) {
			spawnSync('/usr/bin/mkfifo', [path]);
			// Open for both, so that whoever comes to it waits for a line, and not for somebody to open it.
			this.#gates.set(path, openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
		}
		return { path, fd: this.#gates.get(path) ?? -1 };
	}

	plan(label: number, kind: 'change' | 'ask' | 'look'): Plan {
		const gate = (at: number, first = '') =>
			step(
				`gate-${at}`,
				`echo "$run_facts ${at}" >>'${this.ledger}'; ${first}echo "rests at ${at}"; read -r code <'${this.#gate(label, at).path}'; exit "$code"`,
				{ timeoutSeconds: 3600 },
			);
		const ask = step('ask', '', { kind: 'manual', text: 'rests at 0', timeoutSeconds: 3600 });
		const steps = {
			change: [restorePointStep(), gate(0, `echo 'change ${label}' >.env; `), gate(1)],
			ask: [ask, gate(1)],
			look: [gate(0)],
		}[kind];
		return this.deployment.plan(steps, kind === 'look' ? { risk: 'read-only' } : {});
	}

	/** Lets the step at a gate end. */
	open({ label, origin, at }: ModelRun, isWell: boolean): void {
		writeSync(this.#gate(origin ?? label, at).fd, isWell ? '0\n' : '1\n');
	}

	/** Takes away what nobody has read at the gates of a run: its step was ended meanwhile. */
	closeGates(run: ModelRun): void {
		for (const at of [0, 1]) {
			try {
				readSync(this.#gate(run.origin ?? run.label, at).fd, Buffer.alloc(64));
			} catch {
				// There is nothing.
			}
		}
	}

	/** Follows a run, as everything that waits for it needs. */
	watch(id: string): Watch {
		const watch: Watch = { rests: 0, ended: false, next: Promise.withResolvers(), output: '', wrong: [] };
		this.watches.set(id, watch);
		const tell = () => {
			watch.next.resolve();
			watch.next = Promise.withResolvers();
		};
		void followRun(this.observer, this.deployment.where, id, {
			onOutput: (bytes) => {
				watch.output += bytes.toString('utf8');
				const rests = watch.output.split('rests at ').length - 1;
				if (rests > watch.rests) {
					watch.rests = rests;
					tell();
				}
			},
		})
			.catch((error: Error) => this.wrong.push(`the follower of ${id}: ${error.message}`))
			.finally(() => {
				watch.ended = true;
				tell();
			});
		return watch;
	}

	/** Resolves when a run has come to its next rest, or has ended. */
	async untilRest(id: string, rests: number): Promise<void> {
		const watch = this.watches.get(id) ?? this.watch(id);
		while (watch.rests < rests && !watch.ended) await watch.next.promise;
	}

	/** An operator follows a run until it ends: no byte twice and none missing, whatever is cut meanwhile. */
	attach({ name, host, stop }: Operator, id: string): void {
		let next = 0;
		this.follows.push(
			followRun(host, this.deployment.where, id, {
				signal: stop.signal,
				onOutput: (bytes, offset) => {
					if (offset !== next) this.wrong.push(`${name} is shown byte ${offset} of ${id} instead of ${next}`);
					next = offset + bytes.length;
				},
			}).then(
				(run) => {
					if (run.state === 'running') this.wrong.push(`${name} is told that ${id} has ended, and it runs`);
				},
				(error: Error) => {
					if (!stop.signal.aborted) this.wrong.push(`${name}'s attach of ${id}: ${error.message}`);
				},
			),
		);
	}

	/** Processes of a run's steps. */
	processesOf(id: string): readonly number[] {
		return startedWith(`backout_step=${id}/`);
	}

	kill(id: string, what: 'supervisor' | 'shell' | 'script'): void {
		if (what === 'supervisor') {
			try {
				killSupervisor(id);
			} catch {
				// It has ended meanwhile.
			}
			return;
		}
		const start = what === 'shell' ? 'sh\0step.sh' : `sh\0${join(this.deployment.state, 'runs', id, 'steps')}`;
		for (const pid of [...workingIn(id), ...this.processesOf(id)]) {
			if (textOf(`/proc/${pid}/cmdline`).startsWith(start)) {
				endProcess(pid);
				return;
			}
		}
	}

	/** The file that the changes change, without its line end. */
	get env(): string {
		return readFileSync(join(this.deployment.directory, '.env'), 'utf8').trimEnd();
	}

	/** Resolves when something is so; false when it is not within this time. */
	async until(isSo: () => Promise<boolean> | boolean, seconds: number): Promise<boolean> {
		for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) {
			if (await isSo()) return true;
		}
		return false;
	}

	async close(): Promise<void> {
		for (const { stop } of this.operators) stop.abort();
		await Promise.all([this.observer.close(), ...this.operators.map(({ host }) => host.close())]);
		await Promise.allSettled(this.follows);
		for (const fd of this.#gates.values()) closeSync(fd);
		// Timers of supervisors that were killed, too.
		for (const pid of usersOf(this.root)) endProcess(pid);
		this.deployment.remove();
	}

	/** The steps that have begun, each by the facts of its run and its number. */
	ledgerLines(): readonly string[] {
		return textOf(this.ledger).split('\n').filter(Boolean);
	}

	/** What still works for a run. */
	left(): readonly string[] {
		return [...this.ids.values()].flatMap((id) => this.processesOf(id).map(named));
	}
}
