# shellcheck shell=sh
# Prints the notices of the newest runs that should have been sent and were not, a line each: ID EVENT CHANNEL. Notices that a sender of the
# host is working on are left out, and so is what happened more than a day ago. Nothing of a run's folder is executed. Needs
# locate-state.sh, runs-by-start.sh, notice-record.sh.

# setting FILE NAME: prints an assignment's value.
setting() { sed -n "s/^$2='\(.*\)'\$/\1/p" "$1" | head -n 1; }

is_recent() {
	case $1 in '' | *[!0-9]*) return 1 ;; esac
	[ $((ms - $1)) -lt 86400000 ]
}

# is_held_long: succeeds if the run holds the lock for longer than the channels want. Reads: ms, began, id.
is_held_long() {
	limit=$(setting notify.values notify_lock)
	case $limit in '' | *[!0-9]*) return 1 ;; esac
	read -r holder _ 2>/dev/null <../../owner
	# The host's own sender comes first.
	[ "$holder" = "$id" ] && [ $((ms - began)) -ge $((limit * 1000 + 30000)) ]
}

# is_beginning_to_act: succeeds in the first moments after the watch of a guard. Reads: ms.
is_beginning_to_act() {
	set -f
	# shellcheck disable=SC2046 # splits the record into its words
	set -- $(grep -a '^begin ' records | tail -n 1)
	set +f
	case ${4:-} in '' | *[!0-9]*) return 0 ;; esac
	[ ! -s result ] && { [ "$2" = 1 ] || [ $((ms - $4)) -lt 30000 ]; }
}

# find_events: sets "events" to what the channels should know about the run now. Reads: ms, id.
find_events() {
	events=
	read -r began <started
	if [ -s result ]; then
		read -r word _ at _ <result
		verify=$(setting notify.values notify_verify)
		# Those who followed it are about to verify it, and the notice is to have the verdict.
		if [ "$word" = succeeded ] && [ ! -s verdicts ] && [ $((ms - at)) -lt "${verify:-0}000" ]; then return; fi
		! is_recent "$at" || events=ended
		[ ! -s verdicts ] || events="$events verdict"
	elif [ ! -e alive ] || flock -s -n alive true; then
		! is_recent "$began" || events=ended
	else
		! is_held_long || events=lock
		set -f
		# shellcheck disable=SC2046 # splits the record into its words
		set -- $(grep -a '^begin ' records | tail -n 1)
		set +f
		case ${2:-}/${3:-} in */*/* | *[!0-9]*/*) return ;; esac
		if [ -s "steps/$3.txt" ] && [ ! -s "answer.$2" ] && [ $((ms - $4)) -ge 30000 ]; then events="$events waiting-$2"; fi
	fi
}

locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
cd "$state/runs" || exit 0
for id in $(runs_by_start | head -n 10 | cut -d ' ' -f 2); do
	[ -s "$id/notify.values" ] && [ -e "$id/notices" ] && [ -s "$id/started" ] || continue
	(
		cd "$id" && flock -n notify.sending true || exit
		clock_ms
		find_events
		# The guard has acted, or is about to: the host's own sender comes first.
		if grep -qs '^guard	acts$' facts && read -r began <started && is_recent "$began" && ! is_beginning_to_act; then events="$events guard"; fi
		[ -n "$events" ] || exit
		for file in notify.[0-9]*; do
			name=$(setting "$file" channel_name)
			wanted=$(setting "$file" channel_events)
			for event in $events; do
				kind=${event%%-*}
				# The verdict of a run whose end was told without it.
				if [ "$event" = verdict ]; then
					kind=ended
					grep -a "^ended $name " notices | tail -n 1 | grep -q ' not verified yet$' || continue
				fi
				case " $wanted " in *" $kind "*) ;; *) continue ;; esac
				if is_open "$event" "$name"; then printf '%s %s %s\n' "$id" "$event" "$name"; fi
			done
		done
	)
done
exit 0
