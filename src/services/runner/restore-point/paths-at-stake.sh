# shellcheck shell=sh
# paths_overwritten_by COMMIT prints the paths of the work tree that going to the commit would overwrite or remove although
# git keeps them nowhere: ignored and untracked files where the commit has a file; one that is in the way of a folder
# of the commit; all that is in a folder where the commit has a file (folders end in a slash); changed files that git
# was told to overlook (assume-unchanged, skip-worktree). Relative to the top of the work tree, one a line, sorted; a
# line end in a name is written as the byte 1.
#
# Local changes of tracked files are not among them: `git stash create` keeps those.
# Needs git-as-owner.sh and to be in the work tree. Changes nothing.
# shellcheck disable=SC2030,SC2031 # lists is for the functions that the subshell calls

paths_overwritten_by() (
	cd "$(git rev-parse --show-toplevel)" || exit
	lists=$(mktemp -d) || exit
	trap 'rm -rf -- "$lists"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	as_lines() { tr '\n\000' '\001\n'; }
	tab=$(printf '\t')
	git ls-files -z | as_lines | LC_ALL=C sort -u >"$lists/tracked"
	git ls-tree -r -z "$1" | as_lines >"$lists/commit" || exit
	for kind in blob commit; do
		sed -n "s/^[0-9]* $kind [0-9a-f]*$tab//p" "$lists/commit" | LC_ALL=C sort |
			LC_ALL=C comm -23 - "$lists/tracked" >"$lists/new-$kind"
	done
	{
		while IFS= read -r listed; do in_place_of "$listed" file; done <"$lists/new-blob"
		while IFS= read -r listed; do in_place_of "$listed" folder; done <"$lists/new-commit"
		overlooked "$1"
	} | LC_ALL=C sort -u
)

# The byte 1 stands for a line end in the lists; real_path sets `path` to the file's real name.
byte_one=$(printf '\001')
real_path() {
	path=$1
	case $1 in
		*"$byte_one"*)
			path=$(printf '%sx' "$1" | tr '\001' '\n')
			path=${path%x}
			;;
	esac
}
print_path() { printf '%s\000' "$1" | tr '\n\000' '\001\n'; }

# in_place_of PATH file|folder: prints what is where the commit has that. Reads: lists.
in_place_of() {
	real_path "$1"
	left=$path above=
	while :; do
		case $left in */*) ;; *) break ;; esac
		above=$above${above:+/}${left%%/*}
		left=${left#*/}
		[ -L "$above" ] || [ -e "$above" ] || return 0
		if [ -L "$above" ] || [ ! -d "$above" ]; then
			print_path "$above" | grep -vxF -f "$lists/tracked"
			return 0
		fi
	done
	if [ -L "$path" ] || { [ -e "$path" ] && [ ! -d "$path" ]; }; then
		print_path "$path"
	elif [ -d "$path" ] && [ "$2" = file ]; then
		{
			find "$path" ! -type d -print0 | tr '\n\000' '\001\n'
			find "$path" -type d -print0 | tr '\n\000' '\001\n' | sed 's|$|/|'
		} | LC_ALL=C sort | LC_ALL=C comm -23 - "$lists/tracked"
	fi
}

# overlooked: prints files whose changes git does not see, and which differ in the commit.
overlooked() {
	git ls-files -v -z | tr '\n\000' '\001\n' | sed -n 's/^[a-zS] //p' | while IFS= read -r listed; do
		real_path "$listed"
		[ -e "$path" ] || [ -L "$path" ] || continue
		here=$(git rev-parse -q --verify "HEAD:$path")
		[ "$here" != "$(git rev-parse -q --verify "$1:$path")" ] || continue
		[ "$(git hash-object -- "$path" 2>/dev/null)" = "$here" ] || printf '%s\n' "$listed"
	done
}
