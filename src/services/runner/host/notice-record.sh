# shellcheck shell=sh
# The record of the notices of a run, in its folder: the file "notices", with lines EVENT CHANNEL WORD MS WHO REASON, where WORD is claimed,
# sent or failed. The reason of an end that was sent before the verdict is "not verified yet". Of several senders the one that claims a notice sends it. A claim lasts two minutes, longer than any attempt to send.

# clock_ms: sets ms to the host's clock in ms since the epoch; busybox may not know %3N.
clock_ms() {
	ms=$(date +%s%3N)
	case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
}

# is_open EVENT CHANNEL: succeeds if the notice was not sent, and nobody is sending it. Reads: ms.
is_open() {
	last=$(grep -a "^$1 $2 " notices 2>/dev/null | tail -n 1)
	last=${last#"$1 $2 "}
	case $last in
		sent\ *) return 1 ;;
		claimed\ *)
			last=${last#claimed }
			last=${last%% *}
			case $last in '' | *[!0-9]*) return 0 ;; esac
			[ $((ms - last)) -ge 120000 ]
			;;
		*) return 0 ;;
	esac
}

# claim_notice EVENT CHANNEL WHO: succeeds for one of those who call it at the same time.
claim_notice() {
	claimed=1
	{
		# Without timeout(1): that of busybox would keep the lock with it for a second.
		if flock 3; then
			clock_ms
			# On a full disk the host sends it unrecorded. Clients do not: each of them would.
			if is_open "$1" "$2" && { printf '%s\n' "$1 $2 claimed $ms $3" >>notices || [ "$3" = host ]; }; then claimed=0; fi
		fi
	} 3<notices
	return "$claimed"
}

# record_notice EVENT CHANNEL WORD WHO [REASON]: appends a line.
record_notice() {
	clock_ms
	printf '%s\n' "$1 $2 $3 $ms $4${5:+ $5}" >>notices
}
