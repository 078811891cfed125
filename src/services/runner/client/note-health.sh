# shellcheck shell=sh
# Records that the deployment became well or unwell without a run, and prints the newest record and what the channels have to be told
# about it: first "busy" or a line `is STATE MS WHO REASON`, then lines `open EVENT CHANNEL`. Records are lines of health/state, whose states are
# well, unwell, and known: unwell since a run that ended so, which its own notices have told. Only one of several observers records a change.
# Needs locate-state.sh, create-state.sh, notice-record.sh. Reads: seen (well or unwell; empty: records nothing), told (ms: what was last
# well before that time is known to be unwell, may be empty), reason, sender, wanted (names of channels).

# health_line: prints the newest record.
health_line() { tail -n 1 state 2>/dev/null; }

# note_seen: appends a record if the state has changed.
note_seen() {
	clock_ms
	last=$(health_line)
	was=${last%% *} at=${last#* }
	at=${at%% *}
	case $was/$seen in
		"$seen/$seen" | known/unwell) return ;;
		well/unwell) if [ -n "$told" ] && [ "$at" -lt "$told" ]; then seen=known; fi ;;
		/unwell) [ -z "$told" ] || seen=known ;;
	esac
	printf '%s\n' "$seen $ms $sender $reason" >>state
}

# set_event: sets "event" to what the newest record is told as, if that is to be told and no older than a day; and "first" to the notice
# that a channel must have got before: nobody hears of the end of what was not told.
set_event() {
	event='' first=''
	last=$(health_line)
	at=${last#* }
	at=${at%% *}
	clock_ms
	case $at in '' | *[!0-9]*) return ;; esac
	[ $((ms - at)) -lt 86400000 ] || return
	case $last in
		unwell\ *) event=unhealthy-$at ;;
		well\ *)
			before=$(tail -n 2 state | head -n 1)
			case $before in unwell\ *) before=${before#* } && event=healthy-$at first=unhealthy-${before%% *} ;; esac
			;;
	esac
}

locate_state
if [ -n "$seen" ]; then
	create_state
	if [ -e "$state/lock" ] && ! flock -s -n "$state/lock" true; then
		echo busy
		exit 0
	fi
	umask "$private"
	mkdir -p "$state/health" && : >>"$state/health/notices" || refuse "$state/health cannot be written" "ls -ld '$state'"
fi
[ -n "$state" ] && cd "$state/health" 2>/dev/null || exit 0
if [ -n "$seen" ]; then
	{ flock 3 && note_seen; } 3<notices
	# As the folder's other files, for whoever works on the deployment.
	[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g ..)" . state notices
fi
printf 'is %s\n' "$(health_line)"
set_event
[ -n "$event" ] || exit 0
for channel in $wanted; do
	[ -z "$first" ] || grep -aq "^$first $channel sent " notices || continue
	if is_open "$event" "$channel"; then printf 'open %s %s\n' "$event" "$channel"; fi
done
exit 0
