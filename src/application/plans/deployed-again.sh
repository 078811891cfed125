# shellcheck shell=sh
# Says which blocked version is deployed now, and prints nothing if none is. Needs active-blocks.sh, say-blocked.sh, the function git and
# those of the engine. Reads: directory, state_dir, folderless.

head=
[ "${folderless:-}" = 1 ] || head=$(git rev-parse --verify -q HEAD 2>/dev/null)
if [ -n "$(active_blocks "$state_dir")" ]; then say_blocked "$head" "$(running_images 2>/dev/null)"; fi
exit 0
