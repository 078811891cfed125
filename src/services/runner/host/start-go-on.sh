# shellcheck shell=sh
# Goes on in the place of another run: what the run before noted is known from the start, and what that one kept is the
# way back. Reads: runs, new, origin, before.

[ -d "$runs/$origin/restore" ] && [ -r "$runs/$before/facts" ] || {
	cd / && rm -rf "$new"
	refuse "run $before cannot be retried: its restore point is gone, or $(id -un) cannot read it" 'nothing was changed; plan the procedure again'
}
rmdir restore
cat "$runs/$before/facts" >facts
