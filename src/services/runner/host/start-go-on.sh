# shellcheck shell=sh
# Continues another run: the earlier run's facts are known from the start, and its restore point is the one for an undo. Reads: runs, new,
# origin, before.

[ -d "$runs/$origin/restore" ] && [ -r "$runs/$before/facts" ] || {
	cd / && rm -rf "$new"
	refuse "run $before cannot be retried: its restore point is gone, or $(id -un) cannot read it" 'nothing was changed; plan the procedure again'
}
rmdir restore
cat "$runs/$before/facts" >facts
