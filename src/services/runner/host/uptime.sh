# shellcheck shell=sh
# uptime_seconds: prints whole seconds since the host started (proc(5), /proc/uptime). Unlike date, they do not jump when the clock is set,
# so a wait neither ends at once nor takes an hour longer. Without /proc, on the demo host on macOS, it uses the clock.

uptime_seconds() {
	# shellcheck disable=SC2034 # idle takes the rest of the line
	if { read -r since_start idle </proc/uptime; } 2>/dev/null; then
		echo "${since_start%.*}"
	else
		date +%s
	fi
}
