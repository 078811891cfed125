import { openSession, type Session } from '../application/session.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { Config, Target } from '../runbook/runbook.ts';
import { openConfig } from '../services/files/files.ts';
import { askOperator } from './ask-operator.ts';

/** The options that every command takes. */
export interface GlobalOptions {
	readonly config?: string;
	readonly target?: string;
	readonly readOnly?: boolean;
}

/** Loads the config and picks the target: `--target`, else the config's default. Throws `config` or `usage`. */
export const selectTarget = async (
	globals: GlobalOptions,
): Promise<{ readonly config: Config; readonly target: Target }> => {
	const config = openConfig({ config: globals.config, cwd: process.cwd(), env: process.env });
	const name = globals.target ?? config.defaultTarget;
	const target = config.targets.find((candidate) => candidate.name === name);
	if (target === undefined) {
		throw new BackoutError('usage', `the config has no target ${JSON.stringify(name)}`, {
			next: `it has: ${config.targets.map((candidate) => candidate.name).join(', ')}`,
		});
	}
	return { config, target };
};

/**
 * Opens a session on the chosen target, waits until the link is up, runs `work`, and closes it whatever happens.
 * SIGINT, SIGTERM and SIGHUP abort the signal; what runs on the host goes on.
 */
export const withSession = async <T>(
	globals: GlobalOptions,
	work: (session: Session, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
	const { target } = await selectTarget(globals);
	const aborter = new AbortController();
	const stop = () =>
		aborter.abort(new BackoutError('cancelled', 'stopped by the operator', { next: 'a run on the host goes on' }));
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) {
		process.on(signal, stop);
	}
	const session = openSession(target, {
		retryFirst: false,
		readOnly: globals.readOnly ?? false,
		...(process.stdin.isTTY === true && process.stderr.isTTY === true && { ask: askOperator }),
	});
	try {
		await session.host.ready(aborter.signal);
		return await work(session, aborter.signal);
	} catch (error) {
		// Left while a run was being started: which run it is about is worth more than who has left.
		const unknown = error instanceof BackoutError && error.code === 'outcome-unknown';
		throw aborter.signal.aborted && !unknown ? aborter.signal.reason : error;
	} finally {
		for (const signal of signals) {
			process.off(signal, stop);
		}
		await session.close();
	}
};
