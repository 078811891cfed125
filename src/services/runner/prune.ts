import type { Host } from '../host/host.ts';
import { assertWritable } from '../host/read-only.ts';
import { ask } from './failure.ts';
import { gitAsOwner } from './git-as-owner.ts';
import type { RestorePoint } from './restore-points.ts';
import { assertRunId } from './run-id.ts';
import { locateState, type StateOptions, stateValues } from './state-folder.ts';

/** Which restore points to keep: the newest so many, or those that are younger. */
export type PruneRule = { readonly keep: number } | { readonly olderThanMs: number };

/**
 * The restore points that a rule drops, of a list with the newest first. Never one of a run that has not ended, nor the
 * newest that is known good: without it there may be nothing good left to go back to.
 */
export const pointsToDrop = (
	points: readonly RestorePoint[],
	rule: PruneRule,
	now: number,
): readonly RestorePoint[] => {
	const lastGood = points.find(({ knownGood }) => knownGood);
	return points.filter((point, index) => {
		const old = 'keep' in rule ? index >= rule.keep : now - point.run.startedAt > rule.olderThanMs;
		return old && point !== lastGood && point.run.state !== 'running' && point.run.state !== 'unknown';
	});
};

const script = `
locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || refuse 'there is no restore point on this host' 'nothing was changed'
exec 9<>"$state/lock" || refuse "$state/lock cannot be written" "ls -l '$state/lock'"
# An undo may be reading one of them.
flock -n 9 || refuse 'a run has the lock of this deployment' 'nothing was changed; prune when it has ended'
cd "$real" || exit
for id in $ids; do
	folder=$state/runs/$id
	[ -d "$folder/restore" ] || continue
	# A folder that is moved first is never half a restore point.
	rm -rf "$folder/restore.dropped"
	mv "$folder/restore" "$folder/restore.dropped" || refuse "$folder/restore cannot be moved" "ls -ld '$folder'"
	left=
	for ref in $(git for-each-ref --format='%(refname)' "refs/backout/$id/" 2>/dev/null); do
		git update-ref -d "$ref" || left="$left, $ref"
	done
	if command -v docker >/dev/null; then
		for tag in $(timeout 20 docker image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=backout/*' </dev/null 2>/dev/null |
			grep -E ":$id(-[0-9]+)?$"); do
			# The last name of an image in use cannot be taken away; it goes with a later prune.
			timeout 60 docker image rm "$tag" </dev/null >/dev/null 2>&1 || left="$left, image $tag"
		done
	fi
	rm -rf "$folder/restore.dropped" || left="$left, $folder/restore.dropped"
	printf '%s\\t%s\\n' "$id" "\${left#, }"
done
# What an earlier prune had to leave, for it was in use.
command -v docker >/dev/null || exit 0
timeout 20 docker image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=backout/*' </dev/null 2>/dev/null | while read -r tag; do
	# Containers of one service that differ are kept as ID, ID-2 and so on.
	id=$(printf '%s\\n' "\${tag##*:}" | sed -E 's/(Z-[0-9a-f]{6})-[0-9]+$/\\1/')
	[ -d "$state/runs/$id" ] && [ ! -d "$state/runs/$id/restore" ] || continue
	timeout 60 docker image rm "$tag" </dev/null >/dev/null 2>&1
done
exit 0
`;

/** What came of one restore point; `left` says what of it could not be taken away. */
export interface Dropped {
	readonly run: string;
	readonly left: string;
}

/**
 * Drops restore points: folder, git refs, image tags. The runs stay in the journal. May be repeated. Throws `refused`
 * while a run has the lock, and what `ask` throws.
 */
export const dropRestorePoints = async (
	host: Host,
	options: StateOptions,
	ids: readonly string[],
	signal?: AbortSignal,
): Promise<readonly Dropped[]> => {
	assertWritable(host, 'dropping restore points');
	ids.forEach(assertRunId);
	const { stdout } = await ask(
		host,
		'drop restore points',
		{ ...stateValues(options), ids: ids.join(' ') },
		[locateState, gitAsOwner, script],
		{ signal, timeoutMs: 600_000 },
	);
	return stdout
		.toString('utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const [run = '', left = ''] = line.split('\t');
			return { run, left };
		});
};
