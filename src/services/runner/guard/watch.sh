# shellcheck shell=sh
# The watching step of a guard on the host, and the step that asks again after the rollback. Needs uptime.sh, count.sh, ask.sh, judge.sh and
# stand-down.sh, active-blocks.sh and say-blocked.sh.
# Reads: guard_checks, a line per check: NUMBER TAB FUNCTION TAB DECISIVE TAB NEEDED TAB INTERVAL TAB TITLE; and, in seconds, guard_for,
# guard_grace, guard_interval, guard_lasting, guard_settle; guard_commit and guard_images (one a line), what the rollback deploys, where known; guard_resumes, the
# interrupted guard that this one takes over from, and guard_since, the first of these; guard_well, 1 if the checks have just passed.
# watch ends with 0 when all is well, 10 when the rollback is to follow, 4 when the guard stands down, 1 when checks fail at the end, but not
# for long enough, and 6 when nothing is known (after-watching.sh).

# now_ms: sets at, ms by a clock that does not jump.
now_ms() {
	if { read -r up _ </proc/uptime; } 2>/dev/null; then at=${up%.*}${up#*.}0; else at=$(date +%s)000; fi
}

# say WORDS: prints a line with the time and the reason, when the words differ from those before.
say() {
	[ "$1" != "${told:-}" ] || return 0
	told=$1
	printf '%s %s: %s\n' "$(date -u +%H:%M:%S)" "$1" "$reason"
}

# end_with OUTCOME CODE: notes how the watch ended, for whoever attaches later.
end_with() {
	fact guard "$1"
	fact guard_reason "$(printf '%s' "$reason" | tr '\n\t' '  ' | cut -c 1-1000)"
	exit "$2"
}

begin_watch() {
	watch_dir=$run_dir/watch
	mkdir -p "$watch_dir"
	rm -f "$watch_dir"/*
	lasting_ms=$((guard_lasting * 1000)) settle_ms=$((guard_settle * 1000))
	failed_first=' ' well_since='' looked=' ' reason=''
	# The checks have just passed, so no failure is older than the watch.
	[ "${guard_well:-}" != 1 ] || looked=" $(printf '%s\n' "$guard_checks" | cut -f 1 | tr '\n' ' ')"
}

# take_over: continues what an interrupted guard, run $guard_resumes, had begun: compares with the deployment that it found, and counts the time
# for which it had watched. Only one run takes over from another.
take_over() {
	theirs=$state_dir/runs/$guard_resumes/watch
	[ ! -f "$theirs/deployed" ] || cp "$theirs/deployed" "$watch_dir/deployed"
	[ ! -f "$theirs/progress" ] || {
		read -r watched_ms
		IFS= read -r failed_first
		IFS= read -r looked
	} <"$theirs/progress"
	case $watched_ms in '' | *[!0-9]*) watched_ms=0 failed_first=' ' looked=' ' ;; esac
	mkdir -p "$theirs"
	if ! ln -s "$run_id" "$theirs/resumed-by"; then
		reason="run $(readlink "$theirs/resumed-by") has already taken over from run $guard_resumes"
		echo "The guard stands down: $reason."
		end_with stood-down 4
	fi
	echo "The guard goes on where run $guard_resumes was interrupted, after $((watched_ms / 1000)) of $guard_for s."
}

# note_progress: keeps for a guard that takes over how long this one has watched, and which checks failed from the first result on.
note_progress() {
	printf '%s\n%s\n%s\n' "$((watched_ms + at - began))" "$failed_first" "$looked" >"$watch_dir/progress.new"
	mv "$watch_dir/progress.new" "$watch_dir/progress"
}

# ask_one NUMBER FUNCTION INTERVAL: sets result and said, from the check or, while it passes and is not due yet, from its last result.
ask_one() {
	eval "result=\${result_$1:-} asked_at=\${asked_at_$1:-0}"
	if [ "$result" = 0 ] && [ "$((at - asked_at))" -lt "$(($3 * 1000))" ]; then
		eval "said=\$said_$1"
		return
	fi
	said=$("$2" "$1" </dev/null)
	result=$?
	eval "result_$1=\$result said_$1=\$said asked_at_$1=\$at"
}

# observe: asks all checks once. Sets state, settled and reason.
observe() {
	now_ms
	read_instances
	failed='' failed_titles='' old='' unknown='' blind='' all=1
	while IFS='	' read -r number how decisive needed interval title; do
		[ -n "$number" ] || continue
		ask_one "$number" "$how" "$interval"
		is_old=
		case $said in 'before
'*) is_old=1 said=${said#*
} ;; esac
		case $result in
			0)
				case $failed_first in *" $number "*) failed_first="${failed_first%%" $number "*} ${failed_first#*" $number "}" ;; esac
				;;
			1)
				all=
				# What failed from the first result on need not be the deployment's fault, unless it shows whether that is up at all.
				if [ "$decisive" = 1 ]; then
					[ -z "$is_old" ] || old="$old; $title: $said"
				else
					case $looked in *" $number "*) ;; *) failed_first="$failed_first$number " ;; esac
					case $failed_first in *" $number "*) is_old=1 old="$old; $title: $said" ;; esac
				fi
				[ -n "$is_old" ] || failed="$failed; $title: $said" failed_titles="$failed_titles, $title"
				;;
			*)
				all=
				unknown="$unknown; $title: $said"
				[ "$needed" != 1 ] || blind="$title: $said"
				;;
		esac
		case $result$looked in 75* | *" $number "*) ;; *) looked="$looked$number " ;; esac
	done <<END
$guard_checks
END
	settled=0
	if [ -n "$blind" ]; then
		state=unknown reason=$blind
	elif [ -n "$failed" ]; then
		state=failed reason=${failed#; }${old:+$old}
	elif [ -n "$old" ]; then
		state=unknown reason="already failed when the guard began, so it does not count on its own: ${old#; }"
	elif [ -n "$unknown" ]; then
		state=unknown reason=${unknown#; }
	else
		state=passed reason='all checks of the host pass'
	fi
	if [ -n "$all" ]; then
		well_since=${well_since:-$at}
		[ "$((at - well_since))" -lt "$settle_ms" ] || settled=1
	else
		well_since=
	fi
}

# must_still_exist: nobody could see or cancel a guard without its folder.
must_still_exist() { [ -e "$run_dir/step.sh" ] || exit 6; }

# stand_down_if_taken: ends the watch when somebody else works on the deployment.
stand_down_if_taken() {
	if whose=$(in_somebodys_hands); then
		reason=$whose
		echo "The guard stands down: $reason. It has changed nothing."
		end_with stood-down 4
	fi
}

# act_or_not: ends the watch because a failure has lasted. Nobody else may have come, and the target must still be good.
act_or_not() {
	stand_down_if_taken
	reason="failed for $(failed_seconds) s: $reason"
	echo "The checks have $reason"
	against=
	if is_known_bad; then
		against='verification has failed meanwhile on the version to roll back to'
	elif blocked=$(say_blocked "${guard_commit:-}" "${guard_images:-}"); then
		against="the version to roll back to is blocked: $blocked"
	fi
	if [ -n "$against" ]; then
		reason=$against
		echo "The guard does not act: $reason. It has changed nothing."
		end_with stood-down 4
	fi
	fact guard_checks "${failed_titles#, }"
	echo "The rollback follows, as planned at the start."
	end_with acts 10
}

watch() {
	begin_watch
	now_ms
	began=$at watched_ms=0
	[ -z "${guard_resumes:-}" ] || take_over
	until=$((at + guard_for * 1000 - watched_ms))
	# Enough to decide about a service that is flapping at the end.
	at_last=$((until + 3 * (settle_ms + lasting_ms)))
	read_instances
	stand_down_if_taken
	if [ -n "${plan_ground:-}" ] && ! ground_holds; then
		reason='the deployment has changed since the plan was made'
		end_with stood-down 4
	fi
	while :; do
		sleep "$guard_interval"
		must_still_exist
		observe
		note_progress
		stand_down_if_taken
		counted=$state
		if [ "$at" -lt "$((began + guard_grace * 1000))" ] && [ "$state" = failed ]; then counted=unknown; fi
		count "$counted" "$settled" "$at"
		case $counted$settled/$state in
			unknown*/failed) say 'fails, but does not count yet' ;;
			failed*) say failing ;;
			unknown*) say unknown ;;
			passed1*) say well ;;
			*) say 'all pass, but not yet for long enough' ;;
		esac
		if lasts; then act_or_not; fi
		[ "$at" -ge "$until" ] || continue
		if [ "$settled" = 1 ]; then
			echo 'The time is up: the deployment is healthy, as far as the host can ask.'
			end_with well 0
		fi
		[ "$at" -ge "$at_last" ] || continue
		echo "The time is up: $reason"
		[ "$state" != failed ] || end_with failing 1
		end_with unknown 6
	done
}

# prove LIMIT: asks the same checks after the rollback, until all have passed for the settling time.
prove() {
	# shellcheck disable=SC2034 # ask_containers reads it
	after=_after
	begin_watch
	now_ms
	until=$((at + $1 * 1000))
	while [ "$at" -lt "$until" ]; do
		observe
		case $state$settled in
			passed1)
				echo "All checks of the host have passed for $guard_settle s. Whoever attaches runs the others, too."
				fact guard_after passed
				exit 0
				;;
			passed*) say 'all pass, but not yet for long enough' ;;
			*) say "$state" ;;
		esac
		sleep "$guard_interval"
		must_still_exist
	done
	echo "Not proven by the host's own checks: $reason"
	fact guard_after "$state"
	exit 1
}
