# shellcheck shell=sh
# A control group of version 2 for each step of a run (cgroups(7)): processes of a step stay in it, whatever they do to their session,
# environment and output, and only root could move them. The groups are in one named backout: in the root of the hierarchy, beside Docker's
# own, or below the group of this shell. If this user cannot create any, the processes of a step are found by their marks alone.

# create_run_cgroup ID: sets run_cgroup to the folder of the run's groups, or to nothing.
create_run_cgroup() {
	run_cgroup=
	hierarchy=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/mounts 2>/dev/null | head -n 1)
	[ -n "$hierarchy" ] || return 0
	below=$(sed -n 's/^0:://p' /proc/self/cgroup)
	for parent in "$hierarchy" "$hierarchy${below%/}"; do
		# Remove groups of runs whose supervisor was killed, or whose last process has ended since. Those in use stay.
		rmdir "$parent"/backout/*/*/ "$parent"/backout/*/ 2>/dev/null
		run_cgroup=$parent/backout/$1
		# A user may be allowed to create a group, but not to move a process into it.
		# shellcheck disable=SC2016 # for the other shell
		if mkdir -p "$run_cgroup" 2>/dev/null && sh -c 'echo "$$" >"$1/cgroup.procs"' enter "$run_cgroup" 2>/dev/null; then
			return
		fi
		rmdir "$run_cgroup" 2>/dev/null
		run_cgroup=
	done
}

# find_in_cgroups PROCS...: adds to "left" the processes in these files, cgroup.procs of a group. Zombies are not in them. Needs
# find-marked.sh.
find_in_cgroups() {
	for procs in "$@"; do
		[ -r "$procs" ] || continue
		while read -r member; do add_left "$member"; done 2>/dev/null <"$procs"
	done
}

# kill_cgroup FOLDER: kills all processes in the group and below it at once (Linux 5.14).
kill_cgroup() { if [ -w "$1/cgroup.kill" ]; then echo 1 >"$1/cgroup.kill"; fi; }

# enter_step_cgroup NUMBER: moves this shell, and all that it starts later, into the group. If that fails, the groups of this run prove
# nothing.
enter_step_cgroup() {
	step_cgroup=
	[ -s cgroup ] || return 0
	read -r step_cgroup <cgroup
	step_cgroup=$step_cgroup/$1
	if ! { mkdir -p "$step_cgroup" && echo "$$" >"$step_cgroup/cgroup.procs"; } 2>/dev/null; then
		step_cgroup=
		: >cgroup
	fi
}

# name_left_running: prints the processes that the step has started and left running: those in its group, or, without groups, those with its
# mark. Needs find-marked.sh. Reads: run_folder, n, limiter.
name_left_running() {
	left=
	if [ -n "$step_cgroup" ]; then find_in_cgroups "$step_cgroup/cgroup.procs"; else find_marked "${run_folder##*/}/$n/"; fi
	named=
	for member in $left; do
		# The one that limits the output ends after the step's own shell.
		case $member in "$$" | "${limiter:-}") continue ;; esac
		read -r command 2>/dev/null <"/proc/$member/comm" || continue
		named="$named, $command (process $member)"
	done
	[ -z "$named" ] || echo "Still running after this step: ${named#, }"
}
