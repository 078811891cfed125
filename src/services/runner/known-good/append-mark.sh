# shellcheck shell=sh
# Appends $line to $file in the state folder. Needs locate-state.sh, create-state.sh. Reads: file, line.

locate_state
create_state
umask "$private"
printf '%s\n' "$line" >>"$state/$file" || refuse "$state/$file cannot be written" "df -h '$state'"
[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g "$state")" "$state/$file"
