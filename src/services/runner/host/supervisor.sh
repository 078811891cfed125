# shellcheck shell=sh
# sh supervisor.sh UMASK GRACE LOCKED, in the run's folder, where it is kept with uptime.sh, on-disk.sh, find-marked.sh, find-writers.sh,
# run-cgroup.sh, find-run-processes.sh, note-left-inside.sh, changed-since.sh and after-watching.sh before it.
# Supervises one run (dash, busybox, bash). It outlives whoever started it, runs the steps one after the other (each by step.sh, in a
# session of its own) and records what happened. Messages reach it as lines in the FIFO "control", so that it waits for one thing only, and
# so that anybody who may write to the folder can cancel the run, not only the user who started it. It appends records, one a line: see
# records.ts.
# fd 8: the lock on "alive", held while this shell lives. fd 9: the lock in the state folder, fd 5: the lock on the deployment's folder; the
# steps hold both as well.

step_umask=$1 grace=$2 locked=$3
run_folder=$(pwd -P)
id=${run_folder##*/}

# Trapped, not ignored: an ignored signal would stay ignored in every step, and "yes
# head" would complain.
trap : HUP INT PIPE
trap 'mv cancel.new cancel; echo woken >&7' TERM
exec 7<>control
# Opened first: a list that cannot be opened must not pass for one without steps.
exec 6<step-list

# Without channels there is nobody to tell. Their secrets come on standard input, and stay in this shell: a step does not inherit them.
notify_event() { :; }
watch_lock() { :; }
if [ -s notify.sh ]; then
	# shellcheck disable=SC1091 # beside it
	. ./notify.sh
	# shellcheck disable=SC2034 # read there
	notify_secrets=$(cat)
fi
exec </dev/null

create_run_cgroup "$id"
[ -z "$run_cgroup" ] || printf '%s\n' "$run_cgroup" >cgroup

record() { printf '%s\n' "$*" >>records; }

# now: prints the host's clock in ms since the epoch; busybox may not know %3N.
now() {
	ms=$(date +%s%3N)
	case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
}

# Uses stat: busybox's wc -c reads all of it.
output_size() { stat -c %s out; }

nap() { sleep 0.2 2>/dev/null || sleep 1; }

# find_group: finds only the processes of the group, for hosts without /proc, such as the demo host on macOS.
find_group() {
	left=$(ps -A -o pid= -o pgid= -o state= | while read -r pid group state; do
		[ "$group" != "$pgid" ] || case $state in Z* | X*) ;; *) echo "$pid" ;; esac
	done)
	members=$left
	[ -n "$left" ]
}

# find_members: adds to "left" the processes of the step's process group. The fields after the name, which may contain anything: state,
# parent, group (proc(5)).
find_members() {
	found=$(limited grep -lsE "\\) [^ZX] [0-9]+ $pgid " /proc/[0-9]*/stat)
	note_search "$?"
	for file in $found; do
		file=${file#/proc/}
		left="$left ${file%/stat}"
	done
}

# find_left WHY: sets "left" to the processes of the step, or of the whole run when that is cancelled: those of the step's process group
# ("members"), those in the control groups, and those that still carry the mark in their environment or write to the output. Zombies do not
# count: they do nothing any more, and pid 1 of a container may never reap them. Fails when there are none, and the search was complete.
find_left() {
	left='' members='' incomplete=''
	of=$n/
	[ "$1" != cancelled ] || of=
	if [ ! -r /proc/self/stat ]; then
		find_group
		return
	fi
	if [ -n "$pgid" ]; then
		find_members
		members=$left
		# The number of a group without processes is given to others. One look may miss a process that has just been started in place of
		# another.
		if [ -n "$left$incomplete" ]; then empty=; elif [ -n "$empty" ]; then pgid=; else empty=1; fi
	fi
	find_marked "$id/$of"
	if [ -n "$run_cgroup" ]; then
		if [ -n "$of" ]; then find_in_cgroups "$run_cgroup/$n/cgroup.procs"; else find_in_cgroups "$run_cgroup"/*/cgroup.procs; fi
	fi
	# This search is last, as it takes longest.
	[ -n "$left" ] || find_writers
	[ -n "$left$incomplete" ]
}

# signal_group SIGNAL: reaches all of the group at once, also while it starts processes: the kernel starts none for a process with a signal.
signal_group() { [ -z "$pgid" ] || kill "-$1" "-$pgid" 2>/dev/null; }

# is_member PROCESS: succeeds if it is in the step's process group. A search that was out of time may not have come to it, so this looks again.
is_member() {
	case " $members " in *" $1 "*) return ;; esac
	read -r line 2>/dev/null <"/proc/$1/stat" || return
	# The fields after the name: state, parent, group (proc(5)).
	set -- ${line##*) }
	[ "$3" = "$pgid" ]
}

# signal_others SIGNAL: reaches those that a search has found outside of the group. To many programs a second TERM means to give up.
signal_others() {
	for pid in $left; do
		if is_member "$pid"; then continue; fi
		# A process that leads a group may be starting others in it.
		[ "$1" != KILL ] || kill -KILL "-$pid" 2>/dev/null
		kill "-$1" "$pid" 2>/dev/null
	done
}

kill_step() {
	signal_group KILL
	if [ -n "$run_cgroup" ]; then kill_cgroup "$run_cgroup/$of"; fi
	signal_others KILL
}

# is_led: succeeds if the step's shell still leads its group: then the number is not somebody else's.
is_led() { [ -n "$pgid" ] && grep -qs "backout_step=$id/$n/" "/proc/$pgid/environ"; }

# stop_step WHY: ends the step and returns when nothing of it is left, however long that takes: the lock is held until then.
# shellcheck disable=SC2034 # find-marked.sh reads search_seconds
stop_step() {
	now
	record "stopping $n $ms $1"
	kill_at=$(($(uptime_seconds) + grace))
	# Before any search: what starts processes all the time delays a search for as long as it lives.
	told=
	if is_led; then signal_group TERM && told=1; fi
	search_seconds=3
	find_left "$1"
	[ -n "$told" ] || signal_group TERM
	signal_others TERM
	while find_left "$1"; do
		nap
		if [ "$(uptime_seconds)" -ge "$kill_at" ]; then
			kill_step
			search_seconds=20
		fi
	done
	if [ -f "steps/$name.look" ]; then
		cat "steps/$name.look" >>out
	fi
	# Noted for users without root (marked-docker.sh).
	[ ! -e "inside.$n" ] || echo 'What this step started inside containers may still be running: only root sees it there.' >>out
	note_left_inside "$(($(uptime_seconds) - begun_at))"
	cat left-inside >>out 2>/dev/null
	case $1 in
		cancelled) code=143 ended=cancelled ;;
		timed-out) code=124 ended=timed-out ;;
		expired) code=124 ended=failed ;;
	esac
}

run_step() {
	pgid='' empty='' ended='' code='' expired='' begun_at=$(uptime_seconds)
	rm -f left-inside
	now
	# A step that ran without a record would look as if it had been skipped.
	if ! record "begin $n $name $ms $(output_size)"; then
		echo "step $n was not begun: its record could not be written" >>out
		code=1 ended=failed
		return
	fi
	[ "$kind" != manual ] || notify_event "waiting-$n" running '' "$n"
	# After a power cut the plan and the records show how far the run had come. A slow disk does not delay the step.
	on_disk 2 .
	(
		trap - HUP INT PIPE TERM
		backout_step=$id/$n/ setsid sh step.sh "$n" "$name" "$kind" "$timeout" "$interval" "$step_umask" \
			</dev/null >>out 2>&1 6<&- 8<&-
		echo "ended $n $?" >&7
	) 8<&- &
	minder=$!
	limit=$timeout over=timed-out
	if [ "$kind" = wait ]; then
		# step.sh watches its own time; this timer is for a condition that hangs.
		limit=$((timeout + 10)) over=expired
	fi
	# The timer has a session of its own, so that it can be ended together with its sleep.
	setsid sh -c 'sleep "$1"; echo "expired $2" >&7' timer "$limit" "$n" </dev/null >/dev/null 2>&1 5<&- 6<&- 8<&- 9<&- &
	timer=$!
	while [ -z "$ended" ]; do
		word='' number='' value=''
		read -r word number value <&7
		case "$word $number" in
			"begun $n") pgid=$value ;;
			"expired $n") expired=1 ;;
			"ended $n")
				code=$value ended=failed
				[ "$code" != 0 ] || ended=succeeded
				# If step.sh was killed, what it started would keep running without the lock.
				if [ "$code" -gt 128 ] && ! grep -q "^end $n " records && find_left killed; then stop_step killed; fi
				continue
				;;
		esac
		why=
		[ -z "$expired" ] || why=$over
		[ ! -e cancel ] || why=cancelled
		[ -n "$why" ] || continue
		# Before it has begun there is no group to end: either it is kept from beginning, or it has begun and is about to say so.
		if [ -n "$pgid" ] || mv "steps/$name.ready" "steps/$name.kept" 2>/dev/null; then stop_step "$why"; fi
	done
	# Repeated until the timer leads its group: between fork and exec the signal would be lost, and the step's whole time would pass. One
	# that has expired has ended by itself, and its number may be another's.
	[ -n "$expired" ] || until kill -TERM "-$timer" 2>/dev/null || ! kill -0 "$timer" 2>/dev/null; do nap; done
	wait "$timer" "$minder" 2>/dev/null
	# step.sh writes this itself unless it was killed.
	if ! grep -q "^end $n " records; then
		now
		record "end $n $name $ms $(output_size) $code"
	fi
	take_facts
}

# take_facts: turns facts into records, so that one file shows a viewer everything in order.
taken=0
take_facts() {
	size=$(stat -c %s facts)
	[ "${size:-0}" -gt "$taken" ] || return
	tail -c "+$((taken + 1))" facts | head -c "$((size - taken))" | sed 's/^/fact /' >>records
	taken=$size
}

# "result.new" was written at the start with room to spare, so the result fits even on a full disk.
finish() {
	[ -z "$run_cgroup" ] || rmdir "$run_cgroup"/*/ "$run_cgroup" 2>/dev/null
	now
	printf '%s %s %s\n' "$state" "$code" "$ms" 1<>result.new
	# Frees what was reserved and not used: truncate(1), to a file's own length.
	[ ! -e reserved ] || truncate -s +0 out records
	if [ "$(id -u)" = 0 ]; then
		chown -hR "$(stat -c %u:%g ../..)" .
	fi
	# What is reported must survive a power cut: first the records are flushed, then the result.
	on_disk 5 .
	# Before the result, too: whoever sees it may start the next run at once.
	[ "$locked" != 1 ] || [ ! -s shared-lock.sh ] || timeout 30 sh shared-lock.sh free "$id" >>out 2>&1 </dev/null 6<&- 7<&- 8<&-
	# Before the result: a client that sees it finds a sender at work, or the record of what it did.
	notify_event ended "$state" "$code" "$n"
	mv result.new result
	on_disk 5 .
	if [ "$locked" = 1 ]; then
		rm -f ../../owner
	fi
}

echo started
exec >/dev/null

if [ "$locked" = 1 ]; then
	watch_lock
	timeout 120 sh prune.sh "$id" >>out 2>&1 </dev/null 6<&- 7<&- 8<&-
fi

state=succeeded code=0
while read -r n kind timeout interval may_fail name <&6; do
	if [ -e cancel ]; then
		state=cancelled code=143
		break
	fi
	run_step
	if [ "$kind" = watch ]; then
		after_watching || break
		code=0
		continue
	fi
	case $ended in
		succeeded) ;;
		cancelled)
			state=cancelled
			break
			;;
		*)
			if [ "$may_fail" != 1 ]; then
				state=$ended
				break
			fi
			;;
	esac
	code=0
done
finish
