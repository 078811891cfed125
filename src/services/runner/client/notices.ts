import type { Operator } from '../../../runbook/run.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import noticeRecord from '../host/notice-record.sh';
import runsByStart from '../host/runs-by-start.sh';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import noteScript from './note-notice.sh';
import { enterRun } from './read-runs.ts';
import { assertRunId, isRunId } from './run-id.ts';
import unsentScript from './unsent-notices.sh';

/** A notice that should have been sent, and was not. */
export interface UnsentNotice {
	readonly run: string;
	/** `ended`, `lock`, `guard`, `waiting-N` for step N, or `verdict` for one that came after the notice of the end. */
	readonly event: string;
	readonly channel: string;
}

/** Lists the notices of the newest runs that neither the host nor another client has sent. */
export const unsentNotices = async (
	host: Host,
	options: StateOptions,
	signal?: AbortSignal,
): Promise<readonly UnsentNotice[]> => {
	const { stdout } = await runScript(host, unsentScript, {
		purpose: 'list the notices that were not sent',
		prelude: [locateState, runsByStart, noticeRecord],
		variables: stateValues(options),
		signal,
	});
	return stdout.split('\n').flatMap((line) => {
		const [, run = '', event = '', channel = ''] =
			/^(\S+) (ended|verdict|lock|guard|waiting-\d+) (\S+)$/.exec(line) ?? [];
		return isRunId(run) ? [{ run, event, channel }] : [];
	});
};

/**
 * Claims a notice, or records what became of it. Returns false when somebody else has claimed it. Throws what `runScript` throws.
 * @param why the reason of a failure; without secrets
 */
export const noteNotice = async (
	host: Host,
	options: StateOptions,
	{ run, event, channel }: UnsentNotice,
	{
		word,
		by,
		why = '',
	}: { readonly word: 'claimed' | 'sent' | 'failed'; readonly by: Operator; readonly why?: string },
	signal?: AbortSignal,
): Promise<boolean> => {
	assertWritable(host, 'sending notices of a run');
	assertRunId(run);
	const { stdout } = await runScript(host, noteScript, {
		purpose: `note a notice of run ${run}`,
		prelude: [locateState, enterRun, noticeRecord],
		variables: {
			...stateValues(options),
			...{ id: run, event, channel, word, why: why.replaceAll(/\s+/g, ' ') },
			sender: `${by.user}@${by.machine}`.replaceAll(/\s+/g, '_'),
		},
		signal,
	});
	return stdout.trim() !== 'taken';
};
