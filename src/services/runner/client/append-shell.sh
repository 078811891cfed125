# shellcheck shell=sh
# Adds $line to what is known of shells in the deployment's containers.
# Needs on-disk.sh, locate-state.sh, create-state.sh. Reads: line.

locate_state
create_state
umask "$private"
exec 7>>"$state/shells" || refuse "$state/shells could not be written" "is there room? df -h '$state'"
flock 7
[ -z "$(tail -c 1 "$state/shells")" ] || echo >&7
printf '%s\n' "$line" >&7 || refuse "$state/shells could not be written" "is there room? df -h '$state'"
if [ "$(id -u)" = 0 ]; then
	chown -h "$(stat -L -c %u:%g "$state")" "$state/shells"
fi
on_disk 5 "$state/shells"
true
