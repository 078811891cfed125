# shellcheck shell=sh
# Prints the deployed commit, what verification said of commits and images, the backups and the disk in one go: each process on the
# host costs it, and us a session. Each part comes between "== name" and "== exit N"; no line of a part can begin with "==".
# Git locks and refreshes nothing.
# Patterns: with an empty IFS an unquoted expansion is matched against files but not split, so spaces are safe.
# Needs locate-state.sh, quiet-git.sh, active-blocks.sh. Reads: directory, configured (the state folder), commit, patterns (one a line), disk; what is
# empty is passed over.

LC_ALL=C
export LC_ALL
part() {
	echo "== $1"
	shift
	"$@" 2>&1
	echo "== exit $?"
}
echo '== host'
date +%s
echo '== exit 0'
# If the folder is inside the tool that manages the deployment, read the host's own disk.
cd -- "$directory" 2>/dev/null || { is_inside_a_tool "${directory%/}" && cd /; } || exit 111
# The state folder, found once: that takes a dozen processes. With a code other than 0, the reason why it cannot be used.
located='' located_code=0
[ -z "$commit$patterns" ] || {
	located=$(locate_state 2>&1 && printf '%s' "$state")
	located_code=$?
}
look_at_commit() {
	command -v git >/dev/null || is_in_a_clone || {
		echo 'not a git repository'
		return 128
	}
	quiet_git
	git --no-optional-locks log -1 --no-show-signature --no-color --format='commit %H %ct %s' || return
	git --no-optional-locks status --porcelain=v2 --branch --untracked-files=normal --ignore-submodules=all | head -n 5000
}
is_in_a_clone() (
	until [ -e .git ]; do [ "$(pwd -P)" != / ] && cd .. || exit; done
)
look_at_backups() {
	set --
	old=$IFS
	IFS='
'
	set -f
	for pattern in $patterns; do
		IFS=
		set +f
		for file in $pattern; do [ ! -f "$file" ] || set -- "$@" "$file"; done
		IFS='
'
		set -f
	done
	set +f
	IFS=$old
	echo "count $#"
	[ $# -eq 0 ] || stat -L -c 'file %Y %s %n' -- "$@" | sort -k2,2nr -k4 | head -n 1
	last_restored
}
# Prints when a backup was last restored, when that backup was written, by which run, and its name.
last_restored() {
	if [ "$located_code" != 0 ] || [ -z "$located" ] || [ ! -s "$located/restored" ]; then return 0; fi
	tail -n 1 -- "$located/restored" 2>/dev/null | sed 's/^/restored	/'
}
# Prints the newest verdict on each of the last few versions: good or bad, and for an image the commit it was built from.
look_at_marks() {
	[ "$located_code" = 0 ] || {
		printf '%s\n' "$located"
		return "$located_code"
	}
	[ -n "$located" ] || return 0
	for file in commits images; do
		[ ! -s "$located/$file" ] || tail -n 500 "$located/$file" 2>/dev/null | awk -v file="$file" '
			{ at[$1] = NR; said[$1] = $2 " " $5 } END { for (what in at) print at[what], file, what, said[what] }' | sort -n | tail -n 50
	done
}
# Prints the versions that were rolled back and must not be deployed again.
look_at_blocks() {
	[ "$located_code" != 0 ] || active_blocks "$located"
}
[ -z "$commit" ] || {
	part commit look_at_commit
	part marks look_at_marks
	part blocks look_at_blocks
}
[ -z "$patterns" ] || part backups look_at_backups
[ -z "$disk" ] || part disk df -Pk -- "$disk"
