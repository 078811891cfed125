# shellcheck shell=sh
# Keeps the images of a run that was verified, with its restore point, if it has one, and notes them as facts of the run: verified.SERVICE. Needs
# locate-state.sh, on-disk.sh, and the engine's scriptFunctions and pin_verified. Reads: id.

locate_state
# shellcheck disable=SC2034 # pin_verified reads them
restore_dir=$state/runs/$id/restore run_id=$id
[ -n "$state" ] && [ -d "$restore_dir" ] || exit 0
facts=$state/runs/$id/facts
if ! grep -q '^restore_point	' "$facts" || grep -q '^verified\.' "$facts"; then exit 0; fi
umask "$private"
pin_verified | sed 's/^/verified./' >>"$facts"
[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g "$state")" "$restore_dir"/* "$facts"
# What the engine keeps, it flushes itself.
on_disk 5 "$facts"
exit 0
