# shellcheck shell=sh
# Prints who has the shared lock, where that is a run on another host (say_shared_holder), or nothing. Needs what kubernetes-lock.sh needs.

if ! row=$(shared_lock 2>&1); then
	! no_leases "$row" || exit 0
	printf '%s\n' "$row" >&2
	exit 1
fi
case $(field "$row" 3) in '' | -) row=$(overlapping none) ;; esac
if [ -n "$row" ] && [ "$(field "$row" 4)" != "$(this_machine)" ]; then say_shared_holder "$row" "$(this_machine)" | head -n 2; fi
