# shellcheck shell=sh
# Prints who has the shared lock, where that is a run of another state folder (say_shared_holder), or nothing. Needs locate-state.sh and what
# kubernetes-lock.sh needs.

# holder: prints the line of the Lease that keeps a run of this deployment from starting.
holder() {
	own=$(shared_lock) || return
	case $(field "$own" 3) in '' | -) overlapping none ;; *) printf '%s\n' "$own" ;; esac
}

if ! row=$(holder 2>&1); then
	! no_leases "$row" || exit 0
	printf '%s\n' "$row" >&2
	exit 1
fi
# In a shell of its own, which ends where the folder may not be used: then every run is that of another.
state=$(locate_state 2>/dev/null && printf '%s\n' "$state")
if [ -n "$row" ] && ! is_of_folder "$row" "$state"; then say_shared_holder "$row" "$state" | head -n 2; fi
