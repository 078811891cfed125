# shellcheck shell=sh
# Lifts the blocks of these runs. Needs on-disk.sh, locate-state.sh, create-state.sh, append-to.sh. Reads: runs (one a line), by, reason.

locate_state
create_state
now=$(date +%s)
printf '%s\n' "$runs" | while IFS= read -r blocked; do
	# shellcheck disable=SC2034 # read by append_to
	line=$(printf 'unblock\t%s\t%s\t%s\t%s' "$blocked" "$now" "$by" "$reason")
	append_to "$state/blocks" "$state/blocks"
done
