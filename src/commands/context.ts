import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GlobalOptions, selectTarget, selectTargets, turnTo } from '../application/fleet/select-target.ts';
import { channelsOf, openSession, type Session, type SessionOptions } from '../application/fleet/session.ts';
import { sendUnsentNotices } from '../application/runs/channel-notices.ts';
import { createNotify } from '../application/runs/notify.ts';
import { RunElsewhere } from '../application/runs/runs-elsewhere.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { MissingHost } from '../runbook/missing-host.ts';
import type { Config, Target } from '../runbook/runbook.ts';
import { holdMemory } from '../services/host/gc-hints.ts';
import type { Prompter } from '../services/ssh/auth-prompt.ts';
import { createConnectionLimiter } from '../services/ssh/connection-limiter.ts';
import { createKeyRing } from '../services/ssh/keys.ts';
import { askOperator, inTurn } from './ask-operator.ts';
import { linesAbout, masked, printError, printInTheme, printJson, safe, yellow } from './print.ts';

export type { GlobalOptions };

/** Longest wait at the end for notices that nobody had sent, ms. */
const noticesMs = 10_000;

/** Loads the config, selects the target, and prints in the config's theme from then on. Throws what `selectTarget` throws. */
export const openTarget = async (
	globals: GlobalOptions,
	options: { readonly named?: boolean } = {},
): ReturnType<typeof selectTarget> => {
	const selected = await selectTarget(globals, options);
	printInTheme(globals.theme ?? selected.config.theme ?? 'dark');
	return selected;
};

/** True when an error says that the host could not be reached: then facts on this machine are better than nothing. */
export const hostNotAsked = (error: unknown): error is BackoutError =>
	error instanceof BackoutError && ['unreachable', 'untrusted'].includes(error.code);

/**
 * Does some work until it is done, or SIGINT, SIGTERM or SIGHUP arrives: then its signal is aborted, and it rejects saying that it was
 * stopped. Whatever runs on a host keeps running; the error says so unless the work changes nothing.
 */
export const untilStopped = async <T>(
	work: (signal: AbortSignal) => Promise<T>,
	{ onlyLooks = false }: { readonly onlyLooks?: boolean } = {},
): Promise<T> => {
	const aborter = new AbortController();
	const next = onlyLooks ? {} : { next: 'a run on the host continues' };
	const stop = () => aborter.abort(new BackoutError('cancelled', 'stopped by the operator', next));
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) {
		process.on(signal, stop);
	}
	try {
		return await work(aborter.signal);
	} catch (error) {
		// If it was stopped while a run was being started, the run and its changes matter more than the signal.
		const told = error instanceof BackoutError && ['outcome-unknown', 'cancelled'].includes(error.code);
		throw aborter.signal.aborted && !told ? aborter.signal.reason : error;
	} finally {
		for (const signal of signals) {
			process.off(signal, stop);
		}
	}
};

/** Returns what opens a session for a command: it notifies as the config says, and asks where somebody can answer. */
const opener = (config: Config, globals: GlobalOptions) => {
	const notify = createNotify(config.notify, {
		...(process.stderr.isTTY === true && { terminal: process.stderr }),
		env: process.env,
		platform: process.platform,
	});
	const tell = (line: string) => printError(safe(line));
	return (target: Target, ask: Prompter, shared: Pick<SessionOptions, 'keys' | 'turn'> = {}): Session =>
		openSession(target, {
			...shared,
			retryFirst: false,
			tell,
			channels: channelsOf(config),
			readOnly: globals.readOnly ?? false,
			notify: (notice, waitedMs) => notify(notice, waitedMs, tell),
			...(process.stdin.isTTY === true && process.stderr.isTTY === true && { ask }),
		});
};

/** Says, now and whenever that changes, that another host of the target is asked than the first, and why. */
const sayInstead = ({ host, target }: Session): void => {
	let told: string | undefined;
	const say = () => {
		const { instead } = host.link.get();
		if (instead !== told && instead !== undefined) {
			printError(`${yellow('▲')} ${safe(target.name)}: ${safe(host.name)} is asked ${safe(instead)}`);
		}
		told = instead;
	};
	say();
	host.link.subscribe(say);
};

/** Says what is missing from a list of what the hosts of a target have recorded: to a person, or as lines of JSON. */
export const sayMissing = ({ target }: Session, what: string, missing: readonly MissingHost[], json: boolean): void => {
	for (const one of missing) {
		if (json) {
			printJson(masked({ type: 'missing', target: target.name, ...one }));
		} else {
			printError(`${yellow('▲')} ${safe(target.name)}: ${what} of ${safe(one.host)} are missing (${safe(one.reason)})`);
		}
	}
};

/** Returns the target with one of its hosts before the others, and says so. */
const withFirst = (target: Target, { run, on }: RunElsewhere): Target => {
	printError(`${yellow('▲')} ${safe(target.name)}: ${safe(on)} is asked, where run ${run} lives`);
	return { ...target, host: on, hosts: [on, ...(target.hosts ?? []).filter((name) => name !== on)] };
};

/**
 * Opens a session on the selected target, waits until the link is up, runs `work`, and closes it in any case. Of several targets it
 * selects the first by default only for work that changes nothing (`onlyLooks`) or names a run (`mayGuess`). SIGINT, SIGTERM and SIGHUP
 * abort the signal; whatever runs on the host keeps running. Work on a run that lives on another host of the target begins anew there.
 */
export const withSession = async <T>(
	globals: GlobalOptions,
	work: (session: Session, signal: AbortSignal) => Promise<T>,
	options: { readonly onlyLooks?: boolean; readonly mayGuess?: boolean } = {},
): Promise<T> => {
	const named = options.onlyLooks !== true && options.mayGuess !== true;
	const { config, target } = await openTarget(globals, { named });
	const open = opener(config, globals);
	const sessions = [open(target, askOperator)] as [Session, ...Session[]];
	holdMemory();
	const workIn = async (session: Session, signal: AbortSignal): Promise<T> => {
		await session.host.ready(signal);
		sayInstead(session);
		const notices = sendUnsentNotices(session, signal);
		try {
			return await work(session, signal);
		} finally {
			await Promise.race([notices, sleep(noticesMs, undefined, { ref: false })]);
		}
	};
	// Closed after the signals have their usual effect again, so that an operator can interrupt the wait.
	return untilStopped(async (signal) => {
		try {
			return await workIn(sessions[0], signal);
		} catch (error) {
			if (!(error instanceof RunElsewhere)) {
				throw error;
			}
			const there = open(withFirst(target, error), askOperator);
			sessions.push(there);
			return await workIn(there, signal);
		}
	}, options).finally(() => Promise.all(sessions.map((session) => session.close())));
};

/** Passes an error on with the name of its target; the commands that it names are for that target, too. */
const ofTarget =
	(config: Config, target: Target) =>
	(error: unknown): never => {
		if (!(error instanceof BackoutError) || error.code === 'cancelled') {
			throw error;
		}
		turnTo(config, target);
		linesAbout(target.name);
		const { code, message, host, next, output, run } = error;
		throw new BackoutError(code, `${target.name}: ${message}`, { host, next, output, run, cause: error });
	};

/** Does something on each of several targets, before any of them is changed. */
export type OnEach = <T>(act: (session: Session) => Promise<T>) => Promise<readonly T[]>;

/**
 * Like `withSession`, for several targets: opens a session on each, and waits until all links are up. Keys are unlocked once for all.
 *
 * @param work gets the sessions in the order of the names; `turn` makes the commands that are shown be for one of them, and `onEach` does
 * something for all at once, and rejects with an error that names its target
 */
export const withSessions = async <T>(
	globals: GlobalOptions,
	names: readonly string[],
	work: (
		sessions: readonly Session[],
		use: { readonly turn: (session: Session) => void; readonly onEach: OnEach },
		signal: AbortSignal,
	) => Promise<T>,
): Promise<T> => {
	const { config, targets } = await selectTargets(globals, names);
	printInTheme(globals.theme ?? config.theme ?? 'dark');
	const open = opener(config, globals);
	const [keys, turns, ask] = [createKeyRing(), createConnectionLimiter(), inTurn(askOperator)];
	const sessions = targets.map((target) =>
		open(target, ask, { keys, turn: (waiting) => turns.take(waiting, () => false) }),
	);
	holdMemory();
	const onEach: OnEach = (act) =>
		Promise.all(sessions.map((session) => act(session).catch(ofTarget(config, session.target))));
	return untilStopped(async (signal) => {
		// Every target adds more than one listener.
		setMaxListeners(0, signal);
		await onEach(({ host }) => host.ready(signal));
		sessions.forEach(sayInstead);
		return work(sessions, { turn: ({ target }) => turnTo(config, target), onEach }, signal);
	}).finally(() => Promise.all(sessions.map((session) => session.close())));
};

/** Like `withSession`, for work that changes nothing on the host and follows no run. */
export const lookInSession = <T>(
	globals: GlobalOptions,
	work: (session: Session, signal: AbortSignal) => Promise<T>,
): Promise<T> => withSession(globals, work, { onlyLooks: true });
