# shellcheck shell=sh
# Ends a run and prints at least five lines: the outcome (before, ended, lost, running), its result, the processes that are left, `group` if the
# control groups of its steps (run-cgroup.sh) prove that none is left, and `inside` if the last step has started something inside containers,
# where the user of the run does not see it; then lines of what the engine knows to have begun inside containers since that step and to run
# still (note-left-inside.sh). Needs note-left-inside.sh, locate-state.sh, enter-run.sh, uptime.sh and
# find-run-processes.sh. Reads: id, by (JSON), grace, wait_seconds.

enter_run
umask "$private"
run_folder=$(pwd -P)

# ask_to_end: writes over a file whose space is already allocated, so that a full disk is no obstacle.
ask_to_end() {
	[ ! -e cancel ] || return 0
	if [ -f cancel.new ]; then
		printf '%s' "$by" 1<>cancel.new
		mv cancel.new cancel 2>/dev/null
	fi
	[ -e cancel ] || printf '%s\n' "$by" >cancel
}

nap() { sleep 0.2 2>/dev/null || sleep 1; }

find_processes() { find_run_processes "$id" "$run_folder"; }

signal_found() {
	for pid in $left; do
		# A process that leads a group may be starting others in it.
		[ "$1" != KILL ] || kill -KILL "-$pid" 2>/dev/null
		kill "-$1" "$pid" 2>/dev/null
	done
	if [ "$1" = KILL ] && [ -n "$run_cgroup" ]; then kill_cgroup "$run_cgroup"; fi
}

answer() {
	printf '%s\n' "$1"
	head -n 1 result 2>/dev/null || echo
	printf '%s\n' "$left"
	# A group can only be removed when it is empty.
	[ -z "$run_cgroup" ] || rmdir "$run_cgroup"/*/ "$run_cgroup" 2>/dev/null
	if [ -s cgroup ] && [ ! -d "$run_cgroup" ]; then echo group; else echo; fi
	number=$(sed -n 's/^begin \([0-9]*\) .*/\1/p' records | tail -n 1)
	if [ -e "inside.$number" ] && [ -z "$searched" ]; then echo inside; else echo; fi
	if [ "$1" = ended ]; then cat left-inside 2>/dev/null; fi
	exit 0
}

# Whoever cancels waits for the answer.
# shellcheck disable=SC2034 # find-marked.sh reads it
left='' run_cgroup='' searched='' search_seconds=5
[ ! -s cgroup ] || read -r run_cgroup <cgroup
[ ! -s result ] || answer before
give_up_at=$(($(uptime_seconds) + wait_seconds))
if ! flock -s -n alive true; then
	ask_to_end || refuse "run $id could not be told to end" "ls -ld '$PWD'; df -h ."
	echo woken 1<>control || refuse "run $id could not be told to end" "ls -l '$PWD/control'"
	while ! flock -s -n alive true; do
		if [ "$(uptime_seconds)" -ge "$give_up_at" ]; then
			find_processes
			answer running
		fi
		nap
	done
	[ ! -s result ] || answer ended
fi
# It may have ended by itself meanwhile.
[ ! -s result ] || answer before
# The supervisor is gone without a result. A step may have outlived it; one that has not begun yet never does (step.sh).
last=$(sed -n 's/^begin [0-9]* \([^ ]*\) .*/\1/p' records | tail -n 1)
mv "steps/$last.ready" "steps/$last.kept" 2>/dev/null
# Root sees what runs inside containers; the supervisor of another user did not.
[ "$(id -u)" != 0 ] || searched=1
find_processes || answer lost
ask_to_end
signal_found TERM
kill_at=$(($(uptime_seconds) + grace))
while find_processes; do
	[ "$(uptime_seconds)" -lt "$give_up_at" ] || answer running
	[ "$(uptime_seconds)" -lt "$kill_at" ] || signal_found KILL
	nap
done
began_ms=$(sed -n 's/^begin [0-9]* [^ ]* \([0-9]*\) .*/\1/p' records | tail -n 1)
[ -z "$began_ms" ] || note_left_inside "$(($(date +%s) - began_ms / 1000))"
printf 'cancelled 143 %s000\n' "$(date +%s)" 1<>result.new && mv result.new result
# Under the lock: the next run may just be writing its own name there. If the name of this run is left, the next run removes it.
[ ! -f ../../owner ] || (
	if flock -n 9 && grep -q "^$id " ../../owner; then rm -f ../../owner; fi
) 9<>../../lock 2>/dev/null
answer ended
