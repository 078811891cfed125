import type { CheckState } from '../../../runbook/check.ts';
import { BackoutError } from '../../../runbook/errors.ts';
import type { Host } from '../../host/host.ts';
import type { StateOptions } from '../host/state-folder.ts';
import { appendMark, type Marks, readMarks } from './registry.ts';

/** Verdicts on commits, by full hash; the one that was verified last comes last. */
export type CommitMarks = Marks;

const commitHash = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Reads the verdicts of earlier verifications on commits; the newest one on a commit counts. Creates nothing on the host. */
export const readCommitMarks = (host: Host, options: StateOptions, signal?: AbortSignal): Promise<CommitMarks> =>
	readMarks(host, options, 'commits', commitHash, signal);

/** Records a verdict on a commit. An unknown verdict is not recorded. */
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
	if (!commitHash.test(commit)) {
		throw new BackoutError('failed', `not the full hash of a commit: ${JSON.stringify(commit)}`, { host: host.name });
	}
	await appendMark(host, options, 'commits', { what: commit, verdict, run, at }, signal);
};
