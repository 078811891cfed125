# shellcheck shell=sh
# Deletes restore points, and prints ID TAB LEFT for each; then what an earlier prune could not delete because it was in use. Needs
# locate-state.sh, git-as-owner.sh, drop-restore-point.sh, and the engine's runs_with_images and drop_images. Reads: ids.

locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || refuse 'there is no restore point on this host' 'nothing was changed'
exec 9<>"$state/lock" || refuse "$state/lock cannot be written" "ls -l '$state/lock'"
# An undo may be reading one of them.
flock -n 9 || refuse 'a run has the lock of this deployment' 'nothing was changed; prune when it has ended'
cd "$real" || exit
for id in $ids; do
	[ -d "$state/runs/$id/restore" ] || continue
	drop_restore_point "$id" || [ -n "$left" ] || left=$state/runs/$id/restore
	printf '%s\t%s\n' "$id" "$left"
done
runs_with_images | while read -r id; do
	[ -d "$state/runs/$id" ] && [ ! -d "$state/runs/$id/restore" ] || continue
	left=
	drop_images "$id"
done
exit 0
