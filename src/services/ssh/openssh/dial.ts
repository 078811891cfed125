import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../../../runbook/runbook.ts';
import type { Prompter } from '../auth-prompt.ts';
import { parseDestination } from '../destination.ts';
import type { Dialled } from '../dial.ts';
import { unreachable } from '../errors.ts';
import type { SshSettings } from '../settings.ts';
import { type Answerer, type Answers, startAnswering } from './asked-by-ssh.ts';
import { configText } from './config-file.ts';
import { explainRefusal } from './explain.ts';
import { appears, type Master, makePrivateFolder, removePrivateFolder, startMaster } from './master.ts';
import { MuxClient } from './mux-client.ts';

/** Time for which ssh may be silent while it logs in, beyond its connection timeout, ms. */
const quietMs = 15_000;

/** Time for the last data to arrive when a host is left, ms. */
const lastWordsMs = 300;

/** Time for ssh to end once it does not answer on its control socket, ms. */
const endsWithinMs = 3000;

/**
 * Number of channels that may be refused: each keeps its place in ssh's table, and ssh ends when the table has ten thousand (channels.c).
 */
const mostRefusals = 5000;

export interface OpensshContext {
	readonly env: NodeJS.ProcessEnv;
	readonly home?: string;
	readonly ask?: Prompter;
	readonly answers: Answers;
	readonly signal: AbortSignal;
}

const argumentsFor = (target: Pick<Target, 'host' | 'ssh'>, config: string): readonly string[] => {
	const { user, host, port } = parseDestination(target.host);
	const { identityFile, jump } = target.ssh;
	return [
		'-F',
		config,
		...(identityFile === undefined ? [] : ['-i', identityFile]),
		...(jump === undefined ? [] : ['-J', jump]),
		...(user === undefined ? [] : ['-l', user]),
		...(port === undefined ? [] : ['-p', String(port)]),
		'--',
		host,
	];
};

const connectMaster = (socket: Socket, signal: AbortSignal): Promise<MuxClient> =>
	new Promise((resolve, reject) => {
		const client = new MuxClient(socket);
		client.once('ready', () => resolve(client));
		client.once('error', reject);
		client.once('close', () => reject(new Error('ssh closed its control socket')));
		signal.addEventListener('abort', () => reject(signal.reason), { once: true });
	});

/** Aborts when ssh has been silent for too long, while nobody is being asked. */
const watchForHang = (
	master: Master,
	answerer: Answerer | undefined,
	settings: SshSettings,
): { readonly signal: AbortSignal; stop(): void } => {
	const hang = new AbortController();
	const patienceMs = Math.max(quietMs, settings.connectTimeoutMs + 2000);
	let askedAt = 0;
	const timer = setInterval(() => {
		const now = performance.now();
		askedAt = answerer?.asking ? now : askedAt;
		if (now - Math.max(master.spokeAt, askedAt) > patienceMs) {
			const seconds = Math.round(patienceMs / 1000);
			hang.abort(unreachable(settings, new Error(`it stopped answering: no progress in ${seconds} s`)));
		}
	}, 500);
	return { signal: hang.signal, stop: () => clearInterval(timer) };
};

/**
 * Connects with the system's own ssh: a master connection in a private folder, ended by `destroy`, by `finish`, or with this program.
 * Host keys are always checked; ssh's questions appear on backout's screen. Throws a BackoutError as the other transport does:
 * `unreachable`, `untrusted`, `config`.
 */
export const dialByOpenssh = async (
	target: Pick<Target, 'host' | 'ssh'>,
	settings: SshSettings,
	context: OpensshContext,
): Promise<Dialled> => {
	const { env, home, ask, answers, signal } = context;
	signal.throwIfAborted();
	const folder = await makePrivateFolder();
	let answerer: Answerer | undefined;
	let master: Master | undefined;
	let ending: Promise<void> | undefined;
	const end = () => {
		ending ??= Promise.allSettled([master?.stop(), answerer?.close()]).then(() => removePrivateFolder(folder));
		return ending;
	};
	try {
		const config = join(folder, 'config');
		await writeFile(config, configText(target.ssh, { canAsk: ask !== undefined, ...(home && { home }) }), {
			mode: 0o600,
		});
		answerer = ask && (await startAnswering(folder, target.host, ask, answers, signal));
		// Before OpenSSH 8.4, ssh asks through a program only if there is a display.
		const display = env.DISPLAY ? {} : { DISPLAY: 'backout' };
		const started = startMaster(folder, argumentsFor(target, config), { ...env, ...display, ...answerer?.env });
		master = started;
		const hang = watchForHang(started, answerer, settings);
		const over = new AbortController();
		const stop = AbortSignal.any([signal, hang.signal, over.signal]);
		const ended = started.ended.then(() => {
			throw explainRefusal(started.words, settings, { canAsk: ask !== undefined, answered: answerer?.answered ?? [] });
		});
		ended.catch(() => {});
		try {
			await Promise.race([appears(started.socket, folder, stop), ended]);
			const socket = connect({ path: started.socket });
			const client = await Promise.race([
				connectMaster(socket, stop).catch(async (error: unknown) => {
					// The socket goes when ssh does, and what ssh said is the reason.
					await Promise.race([ended, sleep(endsWithinMs)]);
					throw error;
				}),
				ended,
			]);
			answerer?.keep();
			return dialled(client, socket, end);
		} finally {
			hang.stop();
			over.abort();
		}
	} catch (error) {
		await end();
		throw signal.aborted ? signal.reason : error;
	}
};

const dialled = (client: MuxClient, socket: Socket, end: () => Promise<void>): Dialled => ({
	client,
	stream: socket,
	socket,
	ping: (answered) => client.ping(answered),
	refusalsLeft: () => mostRefusals - client.failedToOpen,
	destroy: () => {
		socket.destroy();
		void end();
	},
	finish: async () => {
		// The host has responded, so the last data, such as a HUP for a command, has arrived.
		if (!socket.destroyed) {
			await Promise.race([new Promise<void>((resolve) => client.ping(resolve)), sleep(lastWordsMs)]).catch(() => {});
		}
		socket.destroy();
		await end();
	},
});
