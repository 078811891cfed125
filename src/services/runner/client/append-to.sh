# shellcheck shell=sh
# append_to FILE WHAT: appends $line to FILE, after a truncated last line if there is one. Refuses with "WHAT could not be written". Needs
# on-disk.sh, locate-state.sh, which has found the state folder. Reads: line.
append_to() {
	umask "$private"
	exec 7>>"$1" || refuse "$2 could not be written" "is there room? df -h '$state'"
	flock 7
	[ -z "$(tail -c 1 "$1")" ] || echo >&7
	printf '%s\n' "$line" >&7 || refuse "$2 could not be written" "is there room? df -h '$state'"
	if [ "$(id -u)" = 0 ]; then
		chown -h "$(stat -L -c %u:%g "$state")" "$1"
	fi
	on_disk 5 "$1"
	true
}
