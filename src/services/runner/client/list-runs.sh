# shellcheck shell=sh
# Prints the data for a list of runs, a line each: ID/FILE:TEXT, at most $limit runs, newest first. Needs locate-state.sh, runs-by-start.sh,
# restarted-since.sh. Reads: limit.

# say_what_it_waits_for: prints the first line of the operator's task, when a run waits at an unanswered manual step.
say_what_it_waits_for() (
	set -f
	# shellcheck disable=SC2046 # splits the record into its words
	set -- "$1" $(grep -a '^begin ' "$1/records" 2>/dev/null | tail -n 1)
	case $3/$4 in */*/* | *[!0-9]*/*) exit ;; esac
	[ ! -s "$1/steps/$4.txt" ] || [ -s "$1/answer.$3" ] || printf '%s/waits:%s\n' "$1" "$(head -n 1 "$1/steps/$4.txt")"
)
locate_state
[ -n "$state" ] && [ -d "$state/runs" ] || exit 0
cd "$state/runs" || refuse "$state/runs may not be read by $(id -un)" "ls -ld '$state/runs'"
set --
ids=$(runs_by_start | head -n "$limit" | cut -d ' ' -f 2)
for id in $ids; do
	if [ -s "$id/result" ]; then
		echo "$id/state:ended"
	elif [ ! -e "$id/alive" ] || flock -s -n "$id/alive" true 2>/dev/null; then
		# It may have ended since.
		if [ -s "$id/result" ]; then
			echo "$id/state:ended"
		elif restarted_since "$id/boot"; then
			echo "$id/state:restart"
		else
			echo "$id/state:lost"
		fi
	elif [ $? = 1 ]; then
		echo "$id/state:running"
		say_what_it_waits_for "$id"
	else
		echo "$id/state:unasked"
	fi
	[ -s "$id/plan.json" ] || echo "$id/plan:missing"
	set -- "$@" "$id/about.json" "$id/started" "$id/result" "$id/pruned"
done
# A plan is one line, with a fixed end unless it was truncated.
[ $# = 0 ] || (
	set --
	for id in $ids; do set -- "$@" "$id/plan.json"; done
	grep -asL '}$' "$@" | sed 's,/plan\.json$,/plan:cut off,'
)
# Sends only the result of a complete verdict: its evidence is the largest part of a run's folder.
(
	set --
	for id in $ids; do [ ! -s "$id/verdicts" ] || [ ! -r "$id/verdicts" ] || set -- "$@" "$id/verdicts"; done
	[ $# = 0 ] || grep -asH '^{.*]}$' "$@" | LC_ALL=C sed -n 's/^\([^:]*:\){\("verdict":"[a-z]*"\).*/\1{\2}/p'
)
# Reads all of them with one process; -a: whatever is in them. Without files, it prints nothing.
[ $# = 0 ] || grep -asH '' "$@"
exit 0
