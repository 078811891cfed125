# shellcheck shell=sh
# Prints "run" and its records, for each of the newest runs whose about.json has $mark.
# Needs locate-state.sh. Reads: mark, most.

locate_state
[ -n "$state" ] && cd "$state/runs" 2>/dev/null || exit 0
# shellcheck disable=SC2012 # ids have no blanks
grep -alsF -- "$mark" [0-9]*/about.json | sort -r | head -n "$most" | while IFS= read -r about; do
	echo run
	grep -aE '^(begin|end|stopping) ' "${about%/*}/records" 2>/dev/null
done
exit 0
