# shellcheck shell=sh
# When a guard on the host leaves the deployment to somebody else, or must not act. Needs changed-since.sh, the engine's ground_holds, its
# watched_specs if it has that, and the function git. Reads: state_dir, run_id, directory, folderless, guard_target, guard_since (may
# be unset), watch_dir.

# is_free FILE: succeeds unless somebody holds the lock on it. A run that begins or ends holds the state folder's for a moment.
is_free() {
	tries=0
	until flock -s -n "$1" true; do
		# 1 means that it is held (flock(1)).
		[ $? = 1 ] || return 0
		tries=$((tries + 1))
		[ "$tries" -lt 5 ] || return 1
		sleep 0.2 2>/dev/null || sleep 1
	done
}

# deployed: prints what is deployed, as far as it can be read at no cost: the commit, and the containers; or what the engine says, where
# instances change by themselves. Fails when the engine does not say.
deployed() {
	[ "${folderless:-}" = 1 ] || git rev-parse --verify -q HEAD 2>/dev/null
	if command -v watched_specs >/dev/null; then watched_specs; else cut -f 1,3 "$watch_dir/instances" | sort; fi
}

# in_somebodys_hands: succeeds, and prints whose, when somebody else works on the deployment or has changed it.
in_somebodys_hands() {
	if [ -e "$state_dir/lock" ] && ! is_free "$state_dir/lock"; then
		printf 'somebody else has the lock: %s\n' "$(sed -n 's/^\([^ ]*\) [0-9]*$/run \1/p; s/.*"procedure":"\([^"]*\)".*"user":"\([^"]*\)","machine":"\([^"]*\)".*/\1 by \2@\3/p' "$state_dir/owner" 2>/dev/null | tr '\n' ' ')"
		return 0
	fi
	if [ -d "$directory" ] && ! is_free "$directory"; then
		echo "$directory is locked by a run whose records are in another state folder"
		return 0
	fi
	# shellcheck disable=SC2034 # changed_since reads it
	runs=$state_dir/runs
	if other=$(changed_since "${guard_since:-$run_id}" "$run_id"); then
		echo "run $other has changed something since the guard began"
		return 0
	fi
	[ -f "$watch_dir/instances" ] || return 1
	deployed_now=$(deployed) || return 1
	if [ ! -f "$watch_dir/deployed" ]; then
		printf '%s\n' "$deployed_now" >"$watch_dir/deployed"
	elif [ "$deployed_now" != "$(cat "$watch_dir/deployed")" ]; then
		echo 'something else was deployed meanwhile'
		return 0
	fi
	return 1
}

# is_known_bad: succeeds when verification has failed on what the plan would roll back to. guard_target: lines FILE TAB VALUE.
is_known_bad() {
	printf '%s\n' "$guard_target" | while IFS='	' read -r file what; do
		[ -n "$what" ] && [ -f "$state_dir/$file" ] || continue
		mark=$(grep -F "$what " "$state_dir/$file" | tail -n 1 | cut -d ' ' -f 2)
		[ "$mark" != bad ] || echo "$what"
	done | grep -q .
}
