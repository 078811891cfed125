# shellcheck shell=sh
# Prints the blocks that hold now. Needs locate-state.sh, active-blocks.sh. Creates nothing.

locate_state
active_blocks "$state"
