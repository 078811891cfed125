# shellcheck shell=sh
# Appends $line to $file in the state folder, and flushes it to disk. Needs create-state.sh, append-to.sh and what they need. Reads: file,
# line.

locate_state
create_state
append_to "$state/$file" "$state/$file"
