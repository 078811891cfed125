# shellcheck shell=sh
# enter_run: changes to the folder of run $id, or reports that there is none. Needs locate-state.sh. Reads: id, directory.

no_such_run() {
	printf 'no-such-run\tthere is no run %s of %s\t%s\n' "$id" "$directory" '`backout runs` lists the runs' >&2
	exit 75
}

enter_run() {
	locate_state
	[ -n "$state" ] && [ -d "$state/runs/$id" ] || no_such_run
	cd "$state/runs/$id" ||
		refuse "run $id may not be read by $(id -un)" "ls -ld '$state/runs/$id'"
}
