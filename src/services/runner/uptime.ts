/**
 * POSIX sh: `uptime_seconds` prints whole seconds since the host started (proc(5), /proc/uptime). Unlike `date`, they do not
 * jump when somebody sets the clock, so that a wait neither gives up at once nor goes on for an hour.
 */
export const uptimeSeconds = `uptime_seconds() {
	read -r since_start idle </proc/uptime
	echo "\${since_start%.*}"
}
`;
