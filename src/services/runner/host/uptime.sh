# shellcheck shell=sh
# uptime_seconds prints whole seconds since the host started (proc(5), /proc/uptime). Unlike date, they do not jump when somebody sets
# the clock, so that a wait neither gives up at once nor goes on for an hour. The clock where there is no /proc: the demo host on macOS.

uptime_seconds() {
	# shellcheck disable=SC2034 # idle takes the rest of the line
	if { read -r since_start idle </proc/uptime; } 2>/dev/null; then
		echo "${since_start%.*}"
	else
		date +%s
	fi
}
