import { defaultRunLimits, type RunLimits } from '../../runbook/run-limits.ts';
import type { Host } from '../host/host.ts';
import { assertWritable } from '../host/read-only.ts';
import { ask } from './failure.ts';
import { gitAsOwner } from './git-as-owner.ts';
import { dropRuns, findPrunable } from './prune-runs.ts';
import { assertRunId } from './run-id.ts';
import { locateState, type StateOptions, stateValues } from './state-folder.ts';

/** A run that the limits of its target would take away, or have taken away. */
export interface PrunableRun {
	readonly run: string;
	readonly why: string;
	/** Of its folder, bytes. */
	readonly bytes: number;
}

const atOnce = 1000;

const listScript = `
locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
prunable "$seconds" "$kib" ${atOnce} | while IFS='	' read -r id why; do
	printf '%s\\t%s\\t%s\\n' "$id" "$why" "$(du -sk "$state/runs/$id" 2>/dev/null | cut -f 1)"
done
exit 0
`;

const fieldsOf = (stdout: Buffer): readonly (readonly string[])[] =>
	stdout
		.toString('utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => line.split('\t'));

/** The runs that are too old, or too much together, by the target's limits; the oldest first. Changes nothing. */
export const listPrunable = async (
	host: Host,
	options: StateOptions & { readonly runs?: RunLimits },
	signal?: AbortSignal,
): Promise<readonly PrunableRun[]> => {
	const { keepMs, keepBytes } = options.runs ?? defaultRunLimits;
	const { stdout } = await ask(
		host,
		'list what can be pruned',
		{
			...stateValues(options),
			seconds: String(Math.floor(keepMs / 1000)),
			kib: String(Math.floor(keepBytes / 1024)),
		},
		[locateState, findPrunable, listScript],
		{ signal, timeoutMs: 120_000 },
	);
	return fieldsOf(stdout).map(([run = '', why = '', kib]) => ({ run, why, bytes: (Number(kib) || 0) * 1024 }));
};

const dropScript = `
locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || refuse 'there are no runs on this host' 'nothing was changed'
exec 9<>"$state/lock" || refuse "$state/lock cannot be written" "ls -l '$state/lock'"
# An undo may be reading one of them.
flock -n 9 || refuse 'a run has the lock of this deployment' 'nothing was changed; prune when it has ended'
cd "$real" || exit
umask "$private"
for id in $ids; do
	[ -d "$state/runs/$id" ] && [ ! -e "$state/runs/$id/pruned" ] || continue
	left=
	drop_run "$id" "$why" || left="\${left:-$state/runs/$id}"
	printf '%s\\t%s\\n' "$id" "$left"
done
exit 0
`;

/**
 * Takes runs away: output, plan, restore point with its refs and image tags. The journal goes on telling who ran them, why,
 * when, and what came of it. May be repeated. Throws `refused` while a run has the lock, and what `ask` throws.
 */
export const dropRunsNow = async (
	host: Host,
	options: StateOptions,
	ids: readonly string[],
	signal?: AbortSignal,
): Promise<readonly { readonly run: string; readonly left: string }[]> => {
	assertWritable(host, 'dropping runs');
	ids.forEach(assertRunId);
	const { stdout } = await ask(
		host,
		'drop runs',
		{ ...stateValues(options), ids: ids.join(' '), why: 'by hand' },
		[locateState, gitAsOwner, dropRuns, dropScript],
		{ signal, timeoutMs: 600_000 },
	);
	return fieldsOf(stdout).map(([run = '', left = '']) => ({ run, left }));
};
