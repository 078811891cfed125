# shellcheck shell=sh
# find_run_processes RUN FOLDER: sets "left" to the processes of the run with that folder: those with its mark in their environment, those
# in its control groups, and those that write to its output. Fails when there are none, and the search was complete. Zombies do not count.
# Needs find-marked.sh, find-writers.sh and run-cgroup.sh.
find_run_processes() {
	left='' incomplete=
	find_marked "$1/"
	if [ -s "$2/cgroup" ]; then
		read -r groups <"$2/cgroup"
		find_in_cgroups "$groups"/*/cgroup.procs
	fi
	# This search is last, as it takes longest.
	if [ -z "$left" ]; then
		# shellcheck disable=SC2034 # find_writers reads it
		run_folder=$2
		find_writers
	fi
	[ -n "$left$incomplete" ]
}
