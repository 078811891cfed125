# shellcheck shell=sh
# check_runs: prints which parts of the state folder this login, or the owner of the deployment, could not use: a run would stop there.
# Root runs git as the owner, who has to enter the folders of runs. Needs `say` of host-script.ts. Reads: state, directory.

check_runs() {
	for path in lock commits images runs; do
		[ -e "$state/$path" ] || continue
		[ -r "$state/$path" ] && [ -w "$state/$path" ] || say runs-closed "$state/$path belongs to $(stat -c %U -- "$state/$path") and cannot be written by $(id -un)"
	done
	[ "$(id -u)" = 0 ] || return 0
	owner=$(stat -L -c %U -- "$directory")
	[ "$owner" != root ] || return 0
	if ! runuser -u "$owner" -- true 2>/dev/null; then
		say runs-owner "git cannot be run as $owner, who owns $directory"
		return
	fi
	for folder in "$state" "$state/runs"; do
		[ ! -d "$folder" ] || runuser -u "$owner" -- test -x "$folder" ||
			say runs-owner "$owner, who owns $directory, cannot enter $folder: git would fail in every build, and so would $owner's own runs"
	done
}
