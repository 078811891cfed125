# shellcheck shell=sh
# Prints the runs that may be pruned: ID TAB WHY TAB KIB. Needs locate-state.sh, drop-restore-point.sh and find-prunable.sh. Reads the
# limits: seconds, kib.

locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
prunable "$seconds" "$kib" 1000 10 | while IFS='	' read -r id why; do
	printf '%s\t%s\t%s\n' "$id" "$why" "$(du -sk "$state/runs/$id" 2>/dev/null | cut -f 1)"
done
exit 0
