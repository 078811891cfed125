# shellcheck shell=sh
# Part of the supervisor: what follows the watching step of a guard on the host. Until then the run holds no lock, so that it is in nobody's
# way. Needs find-run-processes.sh, find-elsewhere.sh, changed-since.sh and supervisor.sh, which calls it. Reads: id, n, ended, code. Sets: state, code, locked.
# shellcheck disable=SC2034 # supervisor.sh reads them

# take_locks: takes the locks as the start of a run does (start-prepare.sh), and puts the run's name on them. Sets why when it fails.
take_locks() {
	runs=$(CDPATH='' cd -P .. && pwd)
	# In a subshell first: a shell ends when exec cannot open a file.
	(exec 9<>../../lock) 2>/dev/null || {
		why='the lock of the deployment cannot be opened'
		return 1
	}
	exec 9<>../../lock
	tries=0
	# A reader of the lock holds it only for a moment.
	until flock -n 9; do
		tries=$((tries + 1))
		if { [ "$tries" -ge 5 ] && [ -s ../../owner ]; } || [ "$tries" -ge 50 ]; then
			why="somebody else has the lock: run $(head -n 1 ../../owner 2>/dev/null | cut -d ' ' -f 1)"
			return 1
		fi
		nap
	done
	real=$(. ./environment && CDPATH='' cd -P -- "$directory" && pwd -P) 2>/dev/null
	if [ -n "$real" ] && [ -r "$real" ]; then
		exec 5<"$real"
		tries=0
		until flock -n 5; do
			# 1 means that it is held; anything else, that directories cannot be locked here (start-prepare.sh).
			[ $? = 1 ] || break
			tries=$((tries + 1))
			if [ "$tries" -ge 10 ]; then
				why="$real is locked by a run whose records are in another state folder"
				return 1
			fi
			nap
		done
	fi
	if [ -s ../../owner ]; then
		read -r died _ <../../owner
		# In a subshell: it sets the variables by which the supervisor finds its own steps.
		case $died in
			*/* | '') ;;
			*) if (find_run_processes "$died" "$runs/$died"); then
				why="run $died has died, but processes of it are still running"
				return 1
			fi ;;
		esac
	fi
	if other=$(changed_since "$id" "$id"); then
		why="run $other has changed something since the guard began"
		return 1
	fi
	now
	{
		printf '%s %s\n' "$id" "$ms"
		cat about.json
	} >owner.new && mv owner.new ../../owner || {
		why='its name cannot be put on the lock'
		return 1
	}
	[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g ../..)" ../../lock ../../owner
	if [ ! -s shared-lock.sh ]; then
		find_elsewhere ../.. "$real" || return 0
		why="run ${holder%% *} goes on, whose records are in $elsewhere: the folder of the deployment led to another one when it was started"
		rm -f ../../owner
		return 1
	fi
	why=$(timeout 25 sh shared-lock.sh take "$id" "$ms" "$(CDPATH='' cd -P ../.. && pwd)" 2>&1 </dev/null 6<&- 7<&- 8<&-) && return 0
	case $? in
		3) why="somebody else has the lock: run $(printf '%s\n' "$why" | sed -n '1s/^\([^ ]*\) [^ ]* \([^ ]*\).*/\1 on \2/p')" ;;
		*) why=$(printf '%s\n' "${why:-the shared lock was not given within 25 s}" | tail -n 1) ;;
	esac
	# It may have been given after all, and nobody heard it.
	timeout 30 sh shared-lock.sh free "$id" >/dev/null 2>&1 </dev/null 6<&- 7<&- 8<&-
	rm -f ../../owner
	return 1
}

# stand_down REASON: notes that the run has left the deployment to somebody else.
stand_down() {
	printf 'guard stands down: %s. It has changed nothing.\n' "$1" >>out
	printf 'guard\tstood-down\nguard_reason\t%s\n' "$1" >>facts
	take_facts
	state=cancelled code=4
}

# after_watching: succeeds when the steps of the rollback follow, under the lock. The watching step has ended with 10 then (watch.sh).
after_watching() {
	case $ended/$code in
		cancelled/*) state=cancelled ;;
		succeeded/*) state=succeeded ;;
		# It has already said why.
		failed/4) state=cancelled ;;
		failed/10)
			why=
			if take_locks; then
				locked=1
				watch_lock
				notify_event guard running 10 "$n"
				return 0
			fi
			exec 9</dev/null 5</dev/null
			stand_down "$why"
			;;
		*) state=$ended ;;
	esac
	return 1
}
