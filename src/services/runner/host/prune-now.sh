# shellcheck shell=sh
# Deletes runs, and prints ID TAB LEFT for each. Needs locate-state.sh, git-as-owner.sh, drop-restore-point.sh, drop-run.sh and
# pruned-run.sh. Reads: ids, why.

locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || refuse 'there are no runs on this host' 'nothing was changed'
exec 9<>"$state/lock" || refuse "$state/lock cannot be written" "ls -l '$state/lock'"
# An undo may be reading one of them.
flock -n 9 || refuse 'a run has the lock of this deployment' 'nothing was changed; prune when it has ended'
cd "$real" || exit
umask "$private"
for id in $ids; do
	[ -d "$state/runs/$id" ] && ! is_pruned "$id" || continue
	left=
	drop_run "$id" "$why" || left="${left:-$state/runs/$id}"
	printf '%s\t%s\n' "$id" "$left"
done
exit 0
