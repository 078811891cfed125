# shellcheck shell=sh
# What bind mounts find on the host: paths that are not there, in whose place Docker makes an empty folder, and files that were replaced
# since a container started, which still has the old ones: git and most editors write a new file and give it the name.
# Needs deployment.sh and git-as-owner's `git`. Changes nothing.

# is_missing PATH: succeeds only where that can be known: in a folder that cannot be entered there may be anything.
is_missing() {
	[ ! -e "$1" ] && [ ! -L "$1" ] || return 1
	above=$1
	until [ -e "$above" ]; do above=${above%/*} && above=${above:-/}; done
	[ -d "$above" ] && [ -x "$above" ]
}

# goes_with_commit PATH: succeeds if a file or folder that the new files do not have is removed with the change: all of it is git's.
goes_with_commit() {
	[ "$becomes" = commit ] || return 1
	case $1 in "$tree_top"/*) [ -z "$(git -C "$tree_top" ls-files --others --directory -- "$1" 2>/dev/null | head -n 1)" ] ;; *) return 1 ;; esac
}

# absent_mounts MODEL [ROOT]: prints the paths of the host that a model mounts and that will not be there. ROOT: what its paths begin with,
# where it is that of a copy.
absent_mounts() {
	real=$(readlink -f -- "${2:-/}") || return 0
	sed -n 's|^ *"source": "\(/[^"\\]*\)",*$|\1|p' "$1" | sort -u | while IFS= read -r path; do
		is_missing "$path" || continue
		case $path in
			"${2:-//}"/*) home=${path#"$2"} ;;
			"${real%/}"/*) home=${path#"${real%/}"} ;;
			*) home=$path ;;
		esac
		[ "$home" = "$path" ] || is_missing "$home" || goes_with_commit "$home" || continue
		printf '%s\n' "$home"
	done
}

# replaced_mounts FOLDER ID...: prints what these containers still have of files and folders below FOLDER that were removed or replaced since
# they started: ID TAB PATH IN THE CONTAINER. The kernel says so of the process. A file with the same content is no other one, where root
# can see that.
replaced_mounts() {
	below=$1
	shift
	[ $# -gt 0 ] || return 0
	# shellcheck disable=SC2016 # a Go template
	engine inspect --type container --format '{{$id := .Id}}{{$pid := .State.Pid}}{{range .Mounts}}{{if eq .Type "bind"}}{{$id}} {{$pid}}{{"\t"}}{{.Destination}}{{"\t"}}{{.Source}}{{"\n"}}{{end}}{{end}}' "$@" </dev/null 2>/dev/null | while IFS="$(printf '\t')" read -r of target source; do
		id=${of% *} process=/proc/${of##* }
		case $source in "$below"/*) ;; *) continue ;; esac
		# The engine may be on another machine than these processes.
		grep -qsF -e "$id" "$process/mountinfo" || continue
		target="$target" awk '{ gsub(/\\040/, " ", $5) } $5 == ENVIRON["target"] && $4 ~ /\/\/deleted$/ { found = 1 } END { exit !found }' "$process/mountinfo" || continue
		! { [ -f "$source" ] && cmp -s -- "$process/root$target" "$source"; } || continue
		printf '%s\t%s\n' "$id" "$target"
	done
}
