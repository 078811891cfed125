# shellcheck shell=sh
# Appends $line to $file of a run, after a truncated last line if there is one. Needs on-disk.sh, locate-state.sh, enter-run.sh. Reads:
# file, what (for messages), line.

enter_run
umask "$private"
exec 7>>"$file"
flock 7
[ -z "$(tail -c 1 "$file")" ] || echo >&7
printf '%s\n' "$line" >&7 || refuse "$what run $id could not be written" "is there room? df -h '$state'"
if [ "$(id -u)" = 0 ]; then
	chown -h "$(stat -L -c %u:%g "$state")" "$file"
fi
on_disk 5 "$file"
true
