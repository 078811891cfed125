# shellcheck shell=sh
# find_run_processes RUN FOLDER sets "left" to the processes of a run, whose folder that is: those that carry its mark in their
# environment, those in its control groups, and those that write to its output. False where there is none. Zombies do not count.
# Needs find-marked.sh, find-writers.sh and run-cgroup.sh.
find_run_processes() {
	left=
	find_marked "$1/"
	if [ -s "$2/cgroup" ]; then
		read -r groups <"$2/cgroup"
		find_in_cgroups "$groups"/*/cgroup.procs
	fi
	# Looked for last, for it takes longest.
	if [ -z "$left" ]; then
		# shellcheck disable=SC2034 # find_writers reads it
		run_folder=$2
		find_writers
	fi
	[ -n "$left" ]
}
