# shellcheck shell=sh
# Prints what containers use, from the counters of their control groups, which every user may read. Each line of standard input is a
# request. So it waits without a process of its own, and ends with the connection. A reading costs one process: awk reads the files in
# whole blocks, where `read` takes a system call for each byte.
#
# `containers ID...` says which; it is answered with `limits MEMORY LIMIT...`, bytes: of the host, and of each container.
# `read COUNT FROM TO` reads the first COUNT of them, and those from FROM to TO, counted from 1. It is answered with
# `now VERSION TICKS PROCESSORS`, and a line `CPU MEMORY CACHE` for each, in order. `-` stands for what cannot be read; a container without
# a control group has only that.
#
# Exits with 3 where there are no control groups, or no awk. Reads: root, the folder of the control groups.

LC_ALL=C
export LC_ALL
if [ -r "$root/cgroup.controllers" ]; then
	version=2 memory=$root cpu=$root limit=memory.max
elif [ -d "$root/memory" ] && [ -d "$root/cpuacct" ]; then
	version=1 memory=$root/memory cpu=$root/cpuacct limit=memory.limit_in_bytes
else
	exit 3
fi
command -v awk >/dev/null 2>&1 || exit 3

# Searches all control groups for those of containers: an engine may have been given another parent, and a rootless one has the user's.
search() {
	count=$#
	for id; do set -- "$@" -o -name "$id" -o -name "docker-$id.scope"; done
	shift "$((count + 1))"
	find "$memory" -type d \( "$@" \) 2>/dev/null
}

# Sets `place` to where a container is below the root: where Docker usually puts it (drivers cgroupfs and systemd), or as found.
locate() {
	for place in "docker/$1" "system.slice/docker-$1.scope"; do
		[ ! -d "$memory/$place" ] || return 0
	done
	for place in $found; do
		case $place in
			*/"$1" | */"docker-$1.scope")
				place=${place#"$memory"/}
				return 0
				;;
		esac
	done
	return 1
}

# Sets `places` and `limits` for containers.
take() {
	found='' places='' limits=''
	unplaced=''
	for id; do locate "$id" || unplaced="$unplaced $id"; done
	# shellcheck disable=SC2086 # ids are words
	[ -z "$unplaced" ] || found=$(search $unplaced)
	for id; do
		bytes=-
		locate "$id" || place=-
		[ ! -r "$memory/$place/$limit" ] || read -r bytes <"$memory/$place/$limit"
		places="$places $place" limits="$limits ${bytes:--}"
	done
	read -r _ total _ </proc/meminfo
	printf 'limits %s%s\n' "$((total * 1024))" "$limits"
}

# shellcheck disable=SC2016 # awk's
counters='
function first(file,   line) {
	if ((getline line < file) <= 0) line = "-"
	close(file)
	return line
}
function named(file, name,   line, words, value) {
	value = "-"
	while (value == "-" && (getline line < file) > 0)
		if (index(line, name " ") == 1) {
			split(line, words, " ")
			value = words[2]
		}
	close(file)
	return value
}
BEGIN {
	while ((getline line < "/proc/stat") > 0 && index(line, "cpu") == 1)
		if (split(line, words, " ") && words[1] != "cpu") processors++
		else for (at = 2; at <= 8; at++) ticks += words[at]
	printf "now %s %.0f %d\n", version, ticks, processors
	for (at = 1; at < ARGC; at++) {
		if (at > count && (at < from || at > to)) continue
		place = ARGV[at]
		if (place == "-") print "-"
		else if (version == 2)
			print named(cpu "/" place "/cpu.stat", "usage_usec"), first(memory "/" place "/memory.current"), named(memory "/" place "/memory.stat", "inactive_file")
		else
			print first(cpu "/" place "/cpuacct.usage"), first(memory "/" place "/memory.usage_in_bytes"), named(memory "/" place "/memory.stat", "total_inactive_file")
	}
}'

places=
while read -r request arguments; do
	# shellcheck disable=SC2086 # ids are words, and so are places and numbers
	case $request in
		containers) take $arguments ;;
		read)
			set -- $arguments
			awk -v version="$version" -v memory="$memory" -v cpu="$cpu" -v count="$1" -v from="$2" -v to="$3" "$counters" $places </dev/null
			;;
	esac
done
