import type { CheckState } from '../../runbook/check.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../host/host.ts';
import { ask } from './failure.ts';
import { createState, locateState, type StateOptions, stateValues } from './state-folder.ts';

/** What is known of commits, by full hash: `good` when verification passed on it, `bad` when it failed. */
export type CommitMarks = ReadonlyMap<string, 'good' | 'bad'>;

const commitHash = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

const readScript = `
locate_state
[ -z "$state" ] || tail -n 2000 "$state/commits" 2>/dev/null
exit 0
`;

/**
 * Reads what earlier verifications said of commits; the newest word on a commit counts. The file `commits` in the
 * state folder has a line a verdict: hash, `good` or `bad`, ms since the epoch, run. Creates nothing on the host.
 */
export const readCommitMarks = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<CommitMarks> => {
	const { stdout } = await ask(
		host,
		'read which commits are known to be good',
		stateValues(options),
		[locateState, readScript],
		{ signal },
	);
	const marks = new Map<string, 'good' | 'bad'>();
	for (const line of stdout.toString('utf8').split('\n')) {
		const [hash = '', mark] = line.split(' ');
		if (commitHash.test(hash) && (mark === 'good' || mark === 'bad')) {
			marks.set(hash, mark);
		}
	}
	return marks;
};

const appendScript = `
locate_state
create_state
umask "$private"
printf '%s\\n' "$line" >>"$state/commits" || refuse "$state/commits cannot be written" "df -h '$state'"
`;

/** Notes what verification said of a commit. An unknown verdict says nothing of it and is not noted. */
export const markCommit = async (
	host: Host,
	options: StateOptions,
	{
		commit,
		verdict,
		run,
		at,
	}: { readonly commit: string; readonly verdict: CheckState; readonly run: string; readonly at: number },
	signal?: AbortSignal,
): Promise<void> => {
	if (verdict === 'unknown') {
		return;
	}
	if (!commitHash.test(commit)) {
		throw new BackoutError('failed', `not the full hash of a commit: ${JSON.stringify(commit)}`, { host: host.name });
	}
	const line = [commit, verdict === 'passed' ? 'good' : 'bad', at, run].join(' ');
	await ask(
		host,
		'note what verification said of the commit',
		{ ...stateValues(options), line },
		[locateState, createState, appendScript],
		{ signal },
	);
};
