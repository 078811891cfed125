# shellcheck shell=sh
# Adds $line to the notes of shells in the deployment's containers. Needs create-state.sh, append-to.sh and what they need. Reads: line.

locate_state
create_state
append_to "$state/shells" "$state/shells"
