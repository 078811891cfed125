# shellcheck shell=sh
# What bind mounts find on the host: paths that are not there, in whose place Docker makes an empty folder, and files that were replaced
# since a container started, which still has the old ones: git and most editors write a new file and give it the name. So does who lets a link
# lead to the next release.
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

# leads_elsewhere PROCESS TARGET PATH: succeeds if the process, a folder of /proc, has something else mounted at TARGET than what is at PATH on
# the host now: that was removed, renamed, or is behind a link that leads elsewhere since. Both have a path within the same file system.
leads_elsewhere() {
	real=$(readlink -f -- "$3") || return 1
	target=$2 real=$real awk '
		function plain(text) { gsub(/\\040/, " ", text); return text }
		NR == FNR {
			at = plain($5)
			if ((at == "/" || index(ENVIRON["real"] "/", at "/") == 1) && length(at) >= best) {
				best = length(at)
				path = ($4 == "/" ? "" : plain($4)) substr(ENVIRON["real"], at == "/" ? 1 : best + 1)
				is = $3 " " (path == "" ? "/" : path)
			}
			next
		}
		plain($5) == ENVIRON["target"] { has = $3 " " plain($4) }
		END { exit !(has != "" && is != "" && has != is) }' /proc/self/mountinfo "$1/mountinfo"
}

# replaced_mounts FOLDER ID...: prints where these containers have something else than a new one would find: KIND TAB ID TAB PATH IN THE
# CONTAINER. `emptied`: there is an empty folder now, as where a disk is not mounted any more. `replaced`: another file or folder, below
# FOLDER; a file with the same content is no other one, where root can see that.
replaced_mounts() {
	below=$1
	shift
	[ $# -gt 0 ] || return 0
	# shellcheck disable=SC2016 # a Go template
	engine inspect --type container --format '{{$id := .Id}}{{$pid := .State.Pid}}{{range .Mounts}}{{if eq .Type "bind"}}{{$id}} {{$pid}}{{"\t"}}{{.Destination}}{{"\t"}}{{.Source}}{{"\n"}}{{end}}{{end}}' "$@" </dev/null 2>/dev/null | while IFS="$(printf '\t')" read -r of target source; do
		id=${of% *} process=/proc/${of##* }
		# What is gone is no reason to make a container anew: it has the last of it.
		[ -e "$source" ] || continue
		# The engine may be on another machine than these processes.
		grep -qsF -e "$id" "$process/mountinfo" && leads_elsewhere "$process" "$target" "$source" || continue
		if [ -d "$source" ] && within=$(ls -A -- "$source" 2>/dev/null) && [ -z "$within" ]; then
			kind=emptied
		else
			kind=replaced
			case $source in "$below"/*) ;; *) continue ;; esac
			! { [ -f "$source" ] && cmp -s -- "$process/root$target" "$source"; } || continue
		fi
		printf '%s\t%s\t%s\n' "$kind" "$id" "$target"
	done
}
