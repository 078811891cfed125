# shellcheck shell=sh
# Checks the disks of the state folder, of Docker's data and of the project, as df shows them to somebody who is not root: containers
# seldom are. The last line says which is short, and what to free. A file system that does not count inodes says "-" or 0.
# Reads: wanted (KiB), inodes, directory; state_dir (may be empty). Needs words.sh.

short='' least=''
look_at() {
	[ -n "$2" ] || return 0
	place=$2
	while [ ! -e "$place" ]; do
		place=${place%/*}
		place=${place:-/}
	done
	# shellcheck disable=SC2046 # the fields are meant
	set -- "$1" "$2" $(timeout 10 df -Pk -- "$place" 2>/dev/null | tail -n 1)
	[ "$#" -ge 8 ] || {
		echo "$1 ($place): not known"
		return 0
	}
	disk=$8 free=$6
	echo "$1 ($2): $(size_in_words "$free") free on $disk"
	if [ -z "$least" ] || [ "$free" -lt "$least" ]; then least=$free; fi
	if [ "$free" -lt "$wanted" ]; then
		short="${short:+$short; }$disk has $(size_in_words "$free") free for $1, $(size_in_words "$wanted") are wanted"
		return 0
	fi
	# shellcheck disable=SC2046
	set -- "$1" $(timeout 10 df -Pi -- "$place" 2>/dev/null | tail -n 1)
	case ${5:--} in
		*[!0-9]*) ;;
		*) [ "${3:-0}" = 0 ] || [ "$5" -ge "$inodes" ] || short="${short:+$short; }$disk has $5 free inodes for $1, $inodes are wanted" ;;
	esac
}
look_at 'the runs' "${state_dir:-/var/lib}"
look_at 'the project' "$directory"
look_at "Docker's data" "$(timeout 10 docker info --format '{{.DockerRootDir}}' </dev/null 2>/dev/null)"
if [ -n "$short" ]; then
	echo "$short. To free space: docker builder prune; docker image prune; journalctl --vacuum-size=200M; backout prune"
	exit 1
fi
[ -z "$least" ] || echo "$(size_in_words "$least") free on the fullest disk"
