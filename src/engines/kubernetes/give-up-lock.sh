# shellcheck shell=sh
# give_up_shared_lock RUN: takes the shared lock from a run whose host is gone for good, for whoever knows that nothing of that run goes on. Refuses
# while another run has the lock, and where it is renewed while this looks on, which no clock decides. Needs cluster.sh, json.sh, seconds-of.sh,
# kubernetes.sh and kubernetes-lock.sh.

refuse_lock() {
	printf 'refused\t%s\t%s\n' "$1" "$2" >&2
	exit 75
}

give_up_shared_lock() {
	row=$(shared_lock) || exit
	# It may keep this deployment waiting by the Lease of all of the namespace, or of a part of it.
	[ "$(field "$row" 3)" = "$1" ] || {
		rows=$(all_locks) || exit
		row=$(printf '%s\n' "$rows" | awk -F '\t' -v run="$1" '$3 == run { print; exit }')
	}
	[ -n "$row" ] || refuse_lock "run $1 does not have the lock any more" 'nothing was changed'
	# A renewal takes two calls of kubectl more than its interval, and one may fail.
	sleep "$((2 * lock_renewed + 5))"
	now=$(shared_lock "$(field "$row" 1)") || exit
	# It has ended meanwhile, or another has the lock.
	[ "$(field "$now" 3)" = "$1" ] || refuse_lock "run $1 does not have the lock any more" 'nothing was changed'
	[ "$(field "$row" 2)" = "$(field "$now" 2)" ] ||
		refuse_lock "$(field "$row" 5) has just renewed the lock of run $1, which goes on" "nothing was changed; ask $(field "$row" 5)"
	patch_lease "$now" '{"op":"remove","path":"/spec/holderIdentity"}' >/dev/null
}
