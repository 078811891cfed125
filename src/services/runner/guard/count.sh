# shellcheck shell=sh
# Counts how long checks fail, by the rule of failure-clock.ts. Times are whole ms, by a clock that does not jump.

# Three times the time, so that a third of it is a whole number.
failed_thirds=0 last_state='' last_at=0

# count STATE SETTLED AT: takes the next observation. Reads: lasting_ms.
count() {
	if [ "$last_state" = failed ] && [ "$1" != unknown ]; then
		more=$((3 * ($3 - last_at)))
		[ "$more" -ge 0 ] || more=0
		[ "$more" -le "$lasting_ms" ] || more=$lasting_ms
		failed_thirds=$((failed_thirds + more))
	fi
	[ "$2" != 1 ] || failed_thirds=0
	last_state=$1 last_at=$3
}

# lasts: succeeds when the failure has lasted long enough, and the last observation failed as well.
lasts() { [ "$last_state" = failed ] && [ "$failed_thirds" -ge $((3 * (lasting_ms - 1))) ]; }

failed_seconds() { echo $(((failed_thirds + 1500) / 3000)); }
