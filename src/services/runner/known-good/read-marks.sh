# shellcheck shell=sh
# Prints the newest lines of $file in the state folder, oldest first. Creates nothing.
# Needs locate-state.sh. Reads: file.

locate_state
[ -z "$state" ] || tail -n 2000 "$state/$file" 2>/dev/null
exit 0
