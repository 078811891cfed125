# shellcheck shell=sh
# note_left_inside SECONDS: puts into the file left-inside, in the run's folder, what the engine knows of that has begun inside containers in
# the last SECONDS, and still runs (EngineShell.leftInside). Nothing, where it does not answer.
note_left_inside() {
	[ -s left-inside.sh ] || return 0
	(
		# shellcheck disable=SC1091 # in the run's folder
		. ./environment
		timeout 10 sh left-inside.sh "$1"
	) 2>/dev/null >left-inside </dev/null 5<&- 6<&- 7<&- 8<&- 9<&-
}
