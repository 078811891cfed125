# shellcheck shell=sh
# sh step.sh NUMBER NAME KIND TIMEOUT INTERVAL UMASK, in the run's folder, where it is kept with output-limit.sh, run-cgroup.sh and
# uptime.sh before it. Runs one step. Leads the step's session and group, holds the deployment's locks (fd 9, fd 5) until the step has
# ended, even if the supervisor is killed, and records the end itself. fd 7: control.

n=$1 name=$2 kind=$3 timeout=$4 interval=$5 step_umask=$6
run_folder=$(pwd -P)
stopping=
# TERM to the group is meant for the step; this shell stays to record how it ended.
trap 'stopping=1' HUP INT TERM
echo "begun $n $$" >&7
# Whoever renames this file first decides whether the step begins: a supervisor that gives the step up takes the file away, and so does a
# cancel if the supervisor is gone. A rename needs no disk space.
mv "steps/$name.ready" "steps/$name.begun" 2>/dev/null || exit 143

# script: runs in a subshell, as the plan's variables must not become our own.
script() (
	trap - HUP INT TERM
	. ./environment
	run_dir=$1
	# A run that continues another one uses the other's folder.
	if [ -s continues ]; then
		read -r run_id <continues
		run_dir=${1%/*}/$run_id
	fi
	run_id=${run_dir##*/} run_facts=$1/facts restore_dir=$run_dir/restore state_dir=${1%/runs/*} run_umask=$3
	backout_given="${backout_given:-} run_dir run_id run_facts restore_dir state_dir run_umask host_path"
	export backout_given run_dir run_id run_facts restore_dir state_dir run_umask
	umask "$4"
	host_path=$PATH
	export host_path
	# Left out on a file system that runs no programs (noexec).
	for program in "$1"/bin/*; do
		if [ -x "$program" ]; then PATH=$1/bin:$PATH && break; fi
	done
	# The folder of some deployments is inside the tool that manages them.
	if [ "${folderless:-}" = 1 ]; then cd -- "$run_dir"; else cd -- "$directory"; fi || exit 126
	exec sh "$2" </dev/null 5<&- 7<&- 9<&-
)

run_script() { script "$run_folder" "$run_folder/steps/$name.sh" "$(umask)" "$step_umask"; }

# has_folder: fails if the run's folder was deleted, as nobody can answer, cancel or see the run any more.
has_folder() {
	[ ! -e step.sh ] || return 0
	echo "$run_folder was deleted"
	return 1
}

# wait_until: runs the script until it succeeds. Its output is shown only when it differs from the last one.
wait_until() {
	deadline=$(($(uptime_seconds) + timeout))
	shown=$(cksum </dev/null)
	look=steps/$name.look
	while [ -z "$stopping" ]; do
		has_folder || return 1
		run_script >"$look" 2>&1
		code=$?
		[ -z "$stopping" ] || break
		sum=$(cksum <"$look")
		if [ "$sum" != "$shown" ]; then
			cat "$look"
			shown=$sum
		fi
		rm -f "$look"
		[ "$code" != 0 ] || return 0
		remaining=$((deadline - $(uptime_seconds)))
		if [ "$remaining" -le 0 ]; then
			echo "not so after $timeout s (the last look gave $code)"
			return 124
		fi
		[ "$remaining" -ge "$interval" ] || interval=$remaining
		sleep "$interval"
	done
	return 143
}

# pause: waits in short sleeps: one of an hour would hold the lock for a run that nobody can see any more.
pause() {
	remaining=$timeout
	while [ "$remaining" -gt 0 ]; do
		[ -z "$stopping" ] || return 143
		has_folder || return 1
		piece=$((remaining < 5 ? remaining : 5))
		sleep "$piece"
		remaining=$((remaining - piece))
	done
	[ -z "$stopping" ] || return 143
}

# wait_for_answer WORD: succeeds if the answer is this word. Waits for answer.NUMBER, which is complete when it appears: WORD MS
# WHO-AND-WHY (JSON), then a line to show.
wait_for_answer() {
	cat "steps/$name.txt"
	answer=answer.$n
	while [ ! -s "$answer" ]; do
		[ -z "$stopping" ] || return 143
		has_folder || return 1
		sleep 1
	done
	read -r word at about <"$answer"
	printf '%s\n' "answer $n $word $at $about" >>records
	tail -n +2 "$answer"
	[ "$word" = "$1" ]
}

begin_limit
enter_step_cgroup "$n"

case $kind in
	manual)
		wait_for_answer 'done'
		code=$?
		;;
	# `done` is no approval: nobody has checked who gave it.
	approval)
		wait_for_answer approved
		code=$?
		;;
	wait)
		if [ -s "steps/$name.sh" ]; then
			wait_until
		else
			pause
		fi
		code=$?
		;;
	*)
		run_script
		code=$?
		;;
esac
name_left_running
end_limit
ms=$(date +%s%3N)
case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
printf '%s\n' "end $n $name $ms $(stat -c %s out) $code" >>records
# The shell that waits for this one reports the same, unless it was killed.
echo "ended $n $code" >&7
exit "$code"
