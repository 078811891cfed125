# shellcheck shell=sh
# drop_run ID WHY: deletes a run except what the journal shows: who, why, when, result, verdicts. Adds to `left` what could not be deleted;
# fails if nothing was deleted. Needs drop-restore-point.sh, going-on.sh and pruned-run.sh. Reads: state.

drop_run() {
	# It may have been listed before it was started again, or before its clock was set.
	if ! is_over "$1"; then
		left='all of it: it is still running'
		return 1
	fi
	drop_restore_point "$1" || return
	[ -s "$state/runs/$1/pruned" ] || printf '%s000 %s\n' "$(date +%s)" "$2" >"$state/runs/$1/pruned" || return
	for path in "$state/runs/$1"/* "$state/runs/$1"/.[!.]*; do
		is_of_journal "${path##*/}" || rm -rf "$path" || left="${left:+$left, }$path"
	done
}
