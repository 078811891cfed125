# shellcheck shell=sh
# Tells the channels what happens to a run, from the host. Kept in the run's folder as notify.sh, after notice-record.sh, notice-text.sh and
# notice-send.sh; the supervisor reads it if the config has channels. Every sender is a process of its own without the run's locks (fd 5, 8,
# 9), so nothing here delays the run or makes it fail. While one works it holds a shared lock on "notify.sending": a client leaves the
# notices of this run to it.
# shellcheck disable=SC1090,SC1091,SC2034 # files beside it; read by notice-text.sh

# leave_run: makes this subshell a process that outlives the run: without its signals, output and locks. By exec: lksh keeps a copy of what
# is closed for a subshell, and the copy of a lock is the lock.
leave_run() {
	trap '' HUP INT
	trap - PIPE TERM
	exec </dev/null >/dev/null 2>&1 5<&- 6<&- 7<&- 8<&- 9<&-
}

# notify_event EVENT STATE CODE STEP: leaves a sender working. EVENT: ended, waiting-STEP, lock, guard.
notify_event() {
	[ -e notify.sending ] || return 0
	{
		# A client that looks at it holds it only for a moment.
		for try in 1 2 3 4 5 6 7 8 9 10; do
			if flock -s -n 4; then break; fi
			nap
		done
		(
			leave_run
			send_event "$@"
		) &
	} 4<notify.sending
	return 0
}

# is_followed: succeeds if somebody follows the run, or may be about to, as it has just begun.
is_followed() {
	if [ ! -e notify.followed ] || ! flock -n notify.followed true; then return 0; fi
	read -r began <started
	clock_ms
	[ $((ms - began)) -lt 15000 ]
}

# await_verdict: waits until those who follow the run have verified it, for as long as that may take, and sets "verdict" to the result.
await_verdict() {
	verdict=
	until=$(($(uptime_seconds) + notify_verify))
	while :; do
		verdict=$(sed -n 's/^{"verdict":"\([a-z]*\)".*/\1/p' verdicts 2>/dev/null | tail -n 1)
		if [ -n "$verdict" ] || [ ! -e started ] || [ "$(uptime_seconds)" -ge "$until" ]; then return; fi
		sleep 2
	done
}

# noted NAME: prints the newest value of a fact of the run.
noted() { sed -n "s/^$1	//p" facts 2>/dev/null | tail -n 1; }

# words_of EVENT STATE CODE STEP: sets the words of the event, and how urgent it is (urgencyOf in channel.ts). Sets "unverified" if a later
# verdict is to be told as well (unsent-notices.sh).
words_of() {
	notice_event=${1%%-*} notice_state=$2 notice_reason='' verdict='' unverified=''
	notice_action=trigger notice_severity=warning notice_priority=P3 notice_urgency=4
	title=$(sed -n "${4:-0}p" notify.titles 2>/dev/null)
	case $1 in
		waiting-*)
			notice_words='waits for you' notice_reason=$title
			return
			;;
		lock)
			notice_words="has held the lock for $notify_lock_words" notice_reason=
			return
			;;
	esac
	notice_severity=error notice_priority=P2
	if [ "$1" = guard ]; then
		# The titles of the checks: what they said may have secrets, which only a client masks.
		notice_words='the checks keep failing, so the guard rolls back' notice_reason=$(noted guard_checks)
		return
	fi
	# A guard that has only watched (guardEndWords in notice.ts).
	watched=$(noted guard)
	case $watched in
		well) watched='the deployment is healthy at the end' ;;
		failing) watched='the checks fail at the end, but not for long enough' ;;
		unknown) watched='the state is unknown at the end' ;;
		stood-down) watched='it stood down' ;;
		*) watched= ;;
	esac
	if [ -n "$watched" ]; then
		notice_words="the guard has changed nothing: $watched"
		if [ "$2" = succeeded ]; then notice_action=resolve notice_severity=info notice_priority=P5 notice_urgency=3; fi
		return
	fi
	case $2 in
		succeeded)
			[ "$notify_verify" = 0 ] || [ -z "$follows" ] || await_verdict
			case $verdict in
				passed) notice_words='done and verified' ;;
				failed) notice_words='steps done, verification failed' ;;
				*)
					if [ "$notify_verify" = 0 ]; then
						notice_words='steps done, it has no checks'
					else
						unverified='not verified yet'
						notice_words="steps done, $unverified"
						[ -n "$follows" ] || notice_words="$notice_words: nobody followed it"
					fi
					;;
			esac
			if [ "$verdict" != failed ]; then notice_action=resolve notice_severity=info notice_priority=P5 notice_urgency=3; fi
			;;
		timed-out) notice_words='timed out' ;;
		*) notice_words=$2 ;;
	esac
	case $2 in failed | timed-out) notice_reason="step ${4:-?}, $title, exit code $3" ;; esac
}

# send_event EVENT STATE CODE STEP: sends it through all channels at the same time, as one that hangs must not delay the others.
send_event() {
	. ./notify.values
	follows=
	case $1/$2 in ended/succeeded) ! is_followed || follows=1 ;; esac
	words_of "$@"
	read -r notice_started <started
	notice_ended=null
	if [ "$1" = ended ]; then
		clock_ms
		notice_ended=$ms
	fi
	notice_verdict=null
	[ -z "$verdict" ] || notice_verdict="\"$verdict\""
	notice_text="$notice_target: $notice_title: $notice_words${notice_reason:+ ($notice_reason)}"
	notice_short=$notice_text
	if [ "$(printf '%s' "$notice_text" | wc -c)" -gt 130 ]; then
		# Not in the middle of a character.
		notice_short=$(printf '%s' "$notice_text" | head -c 127 | LC_ALL=C sed "$(printf 's/[\300-\377][\200-\277]*$//')")...
	fi
	number=1
	while [ -s "notify.$number" ]; do
		send_channel "$number" "$1" &
		number=$((number + 1))
	done
	wait
}

# send_channel NUMBER EVENT: sends the notice, again after each pause of notify_pauses, and records what became of it.
send_channel() {
	. "./notify.$1"
	case " $channel_events " in *" ${2%%-*} "*) ;; *) return ;; esac
	claim_notice "$2" "$channel_name" host || return
	for pause in 0 $notify_pauses; do
		sleep "$pause"
		if deliver; then
			record_notice "$2" "$channel_name" sent host "$unverified"
			return
		fi
		[ -z "$final" ] || break
	done
	record_notice "$2" "$channel_name" failed host "$answer"
}

# watch_lock: leaves a process that tells when the run has held the lock for long.
watch_lock() {
	. ./notify.values
	(
		leave_run
		until=$(($(uptime_seconds) + notify_lock))
		while [ "$(uptime_seconds)" -lt "$until" ]; do
			if [ -s result ] || [ ! -e started ]; then exit; fi
			sleep "$((notify_lock < 5 ? 1 : 5))"
		done
		# Another run may hold it by now, if this one's supervisor was killed.
		read -r holder _ <../../owner
		if [ -s result ] || [ "$holder" != "$notice_run" ] || flock -s -n ../../lock true; then exit; fi
		notify_event lock running '' ''
	) &
	return 0
}
