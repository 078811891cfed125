import { BackoutError, type ErrorFacts } from '../../../runbook/errors.ts';
import type { LockHolder, RunSummary } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { runScript } from '../../host/run-script.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { aboutOf } from './about-run.ts';
import script from './read-lock.sh';
import { isRunId } from './run-id.ts';

const unknown: LockHolder = {
	run: 'unknown',
	who: { user: 'unknown', machine: 'unknown' },
	since: 0,
	reason: '',
	procedure: 'unknown',
};

/**
 * Parses `owner`: the run and its start (ms, host's clock), and of a run on another host that host and `heard` or `unheard`; then operator
 * and reason as JSON. Unreadable parts are `unknown`. The idle
 * dashboard reads it, so it is read without zod, as in about-run.ts.
 */
export const parseOwner = (text: string): LockHolder => {
	const [first = '', second = ''] = text.split('\n');
	const [run = '', since = '', node, heard] = first.split(' ');
	const known: LockHolder = {
		...unknown,
		run: run || 'unknown',
		since: Math.abs(Number(since)) <= 8.64e15 ? Number(since) : 0,
		...(node !== undefined && { node }),
		...(heard === 'unheard' && { isUnheard: true }),
	};
	try {
		const { who, reason, procedure } = JSON.parse(second);
		return {
			...known,
			who: { user: String(who.user), machine: String(who.machine) },
			reason: String(reason),
			procedure: String(procedure),
		};
	} catch {
		return known;
	}
};

/** Reads `owner` as a line of the journal, for a run on another host: its state is not known here. */
export const runInOwner = (text: string): RunSummary => {
	const { run, since, node } = parseOwner(text);
	const { procedure, title, who, reason } = aboutOf(text.split('\n')[1]);
	return { id: run, procedure, title, who, reason, startedAt: since, state: 'unknown', ...(node && { node }) };
};

/** Says of a run on another host that it is not known how it is. */
export const unheard = ({ node = 'another host' }: Pick<LockHolder, 'node'>): string =>
	`Nothing is heard from ${node}, so the state of that run is unknown until it is back`;

/** The lock is held by another run; code `refused`. Nothing was changed. */
export class LockHeldError extends BackoutError {
	readonly holder: LockHolder;

	constructor(message: string, facts: ErrorFacts, holder: LockHolder) {
		super('refused', message, facts);
		this.name = 'LockHeldError';
		this.holder = holder;
	}
}

/** Returns the error for an operator who finds the lock held. */
export const busyError = (host: string, directory: string, holder: LockHolder, next?: string): LockHeldError => {
	const since =
		holder.since > 0 ? new Date(holder.since).toISOString().slice(0, 19).replace('T', ' ') : 'an unknown time';
	const reason = holder.reason === '' ? 'no reason given' : `reason: ${holder.reason.slice(0, 200)}`;
	const where = holder.node === undefined ? '' : ` on ${holder.node}`;
	const doubt = holder.isUnheard === true ? `. ${unheard(holder)}` : '';
	return new LockHeldError(
		`${directory} is locked by ${holder.who.user}@${holder.who.machine} since ${since} UTC: ${holder.procedure}, run ${holder.run}${where} (${reason})${doubt}`,
		{
			host,
			...(isRunId(holder.run) && { run: holder.run }),
			next: next ?? `\`backout attach ${holder.run}\` watches it; start again when it has ended, or with --wait`,
		},
		holder,
	);
};

/** Returns the holder of the deployment's lock; undefined if it is free. Creates nothing on the host. */
export const lockHolder = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<LockHolder | undefined> => {
	const { stdout: text } = await runScript(host, script, {
		purpose: 'say who holds the lock',
		prelude: [locateState],
		variables: stateValues(options),
		signal,
	});
	return text.startsWith('held\n') ? parseOwner(text.slice('held\n'.length)) : undefined;
};
