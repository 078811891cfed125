# shellcheck shell=sh
# Prints "held" and the owner file when a run holds the deployment's lock. Creates nothing.
# Needs locate-state.sh.

locate_state
tries=0
while [ -n "$state" ] && [ -e "$state/lock" ] && ! flock -s -n "$state/lock" true; do
	# A run that begins or ends holds it for a moment without its name on it.
	if [ -s "$state/owner" ] || [ "$tries" -ge 30 ]; then
		echo held
		cat "$state/owner" 2>/dev/null
		break
	fi
	tries=$((tries + 1))
	sleep 0.1 2>/dev/null || sleep 1
done
exit 0
