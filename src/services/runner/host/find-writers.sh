# shellcheck shell=sh
# find_writers: adds to "left" the processes that have the run's "out" open for writing. They belong to the run, whatever they did to
# escape: a session of their own, a parent of their own, an empty environment. A viewer has it open for reading. Only root sees the
# processes of other users (proc(5), /proc/pid/fd). Needs find-marked.sh. Reads: run_folder. The mode that ls shows for such a link says how
# the file was opened: l-wx for writing (proc_pid_fd(5)).

list_descriptors() {
	export LC_ALL=C
	limited ls -l /proc/[0-9]*/fd 2>/dev/null
	echo "searched/fd: $?"
}

# shellcheck disable=SC2010 # reads the permissions that ls prints
find_writers() {
	owner_pid=
	while read -r line; do
		case $line in
			searched/fd:*) note_search "${line##* }" ;;
			/proc/*/fd:)
				owner_pid=${line#/proc/}
				owner_pid=${owner_pid%/fd:}
				;;
			l?w*" -> $run_folder/out"*) [ -z "$owner_pid" ] || {
				left="$left $owner_pid"
				owner_pid=
			} ;;
		esac
	done <<END
$(list_descriptors | grep -F -e '/fd:' -e " -> $run_folder/out")
END
}
