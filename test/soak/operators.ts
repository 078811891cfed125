import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { program } from '../helpers/program.ts';
import { toldBy } from './history.ts';
import { logins, type Place } from './place.ts';
import { createRandom, type Random } from './random.ts';
import { lockedCommand, procedureNames, withLock } from './runbook.ts';

/** The result of one command. */
export interface Deed {
	/** The reason given to the journal: tells whose run it is. */
	readonly tag: string;
	readonly words: readonly string[];
	readonly procedure?: string;
	/** The signal that ended it before it had ended itself. */
	killed: NodeJS.Signals | undefined;
	/** Undefined while it runs, and when it was killed. */
	code: number | undefined;
	stdout: string;
	stderr: string;
	readonly ended: Promise<void>;
	kill(signal: NodeJS.Signals): void;
}

const kept = 200_000;
let calls = 0;

/** @param login the target: whose login on the host is used */
export const startDeed = (
	place: Place,
	tag: string,
	words: readonly string[],
	{ procedure, login = 'lab' }: { readonly procedure?: string | undefined; readonly login?: string } = {},
): Deed => {
	const name = `${++calls} ${tag}`;
	place.history.add({ at: performance.now(), call: name, words, reason: tag });
	const child = spawn(process.execPath, [program, '--target', login, ...words], {
		cwd: place.folder,
		env: { ...process.env, ...place.env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const deed: Deed = {
		tag,
		words,
		...(procedure !== undefined && { procedure }),
		killed: undefined,
		code: undefined,
		stdout: '',
		stderr: '',
		ended: new Promise((resolve) => {
			child.once('close', (code) => {
				deed.code = code ?? undefined;
				place.history.add({
					at: performance.now(),
					answer: name,
					code: deed.code,
					told: toldBy(deed.stdout),
					isList: words[0] === 'runs' && code === 0,
				});
				resolve();
			});
		}),
		kill: (signal) => {
			deed.killed ??= signal;
			child.kill(signal);
		},
	};
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		deed.stdout = (deed.stdout + text).slice(-kept);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		deed.stderr = (deed.stderr + text).slice(-kept);
	});
	return deed;
};

let count = 0;

/** One operator does something, and may be killed over it. */
const act = async (place: Place, random: Random, deeds: Deed[]): Promise<void> => {
	const tag = `soak-${++count}`;
	const kind = random.one([
		'run',
		'run',
		'run',
		'detach',
		'detach',
		'lock',
		'lock',
		'attach',
		'cancel',
		'cancel',
		'look',
		'guard',
	] as const);
	const procedure = kind === 'lock' ? withLock : random.one(procedureNames);
	const waits = random.chance(0.5) ? ['--wait', '20s'] : [];
	const runs = ['run', procedure, '--yes', '--reason', tag];
	const words = {
		run: [...runs, '--json'],
		detach: [...runs, '--detach'],
		attach: ['attach', 'last', '--json'],
		cancel: ['cancel', 'last', '--json'],
		// A pipeline that deploys.
		lock: [
			'with-lock',
			'--no-restore-point',
			...waits,
			'--reason',
			tag,
			'--json',
			'--',
			...lockedCommand(place.ledgerFile),
		],
		guard: ['guard', '--for', '3s', '--procedure', procedure, '--yes', '--reason', tag, '--json'],
		look: [random.one(['status', 'runs'] as const), '--json'],
	}[kind];
	await delay(random.between(0, 4000));
	const runsIt = kind === 'run' || kind === 'detach' || kind === 'lock';
	const deed = startDeed(place, tag, words, { procedure: runsIt ? procedure : undefined, login: random.one(logins) });
	deeds.push(deed);
	if (random.chance(0.35)) {
		await Promise.race([deed.ended, delay(random.between(100, 6000))]);
		if (deed.code === undefined) {
			deed.kill(random.one(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGHUP'] as const));
		}
	}
	await deed.ended;
};

/** One to four operators at once; resolves when all commands have ended. */
export const operate = (place: Place, random: Random, deeds: Deed[]): Promise<void> =>
	Promise.all(
		Array.from({ length: random.between(1, 4) }, () => act(place, createRandom(random.between(0, 2 ** 31)), deeds)),
	).then(() => {});
