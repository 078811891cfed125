# shellcheck shell=sh
# A deployment's folder may be a link that leads to another folder with each release (current -> releases/8), or a config may name such a
# folder and another one the link. Lock and state folder belong to the folder that it leads to now, so a run that was started before the link
# was moved goes on under another lock. Needs find-run-processes.sh and home-of.sh.

# plan_value NAME FOLDER: prints what the plan of a run has under this name, as JSON. Inside of a string, each quotation mark follows a \.
plan_value() { grep -o "\"$1\":\"[^\"]*\"" "$2/plan.json" 2>/dev/null | head -n 1; }

# is_same_deployment FOLDER STATE REAL: succeeds if the plan of a run is for the same project as the one of this folder, and named the same
# directory, or was made for a folder beside REAL.
is_same_deployment() {
	[ -n "$(plan_value project .)" ] && [ "$(plan_value project "$1")" = "$(plan_value project .)" ] || return
	[ "$(plan_value directory "$1")" != "$(plan_value directory .)" ] || return 0
	read -r of_state 2>/dev/null <"$2/directory" && [ "${of_state%/*}" = "${3%/*}" ]
}

# find_elsewhere STATE REAL: succeeds if another state folder has a run in progress of the same deployment, or processes of one that has died, and sets
# "elsewhere" to that folder, and "holder" to its file `owner`. STATE: the state folder of this deployment, REAL: its own folder, without
# links. In the folder of a run whose own name is in `owner` already: of two runs that look at the same time, at least one sees the other.
find_elsewhere() {
	[ -d "$2" ] || return
	owner_uid=$(stat -c %u -- "$2")
	of_owner=$(home_of "$owner_uid")
	of_user=$(home_of "$(id -u)")
	for elsewhere in /var/lib/backout/* "${2%/*}"/.backout-* "${of_owner%/}/.local/state/backout"/* "${of_user%/}/.local/state/backout"/*; do
		[ -s "$elsewhere/owner" ] || continue
		[ "$(stat -L -c %d:%i "$elsewhere")" != "$(stat -L -c %d:%i "$1")" ] || continue
		# Others could keep this deployment from being changed (check_state).
		case $(stat -L -c %u "$elsewhere") in 0 | "$owner_uid" | "$(id -u)") ;; *) continue ;; esac
		holder=$(cat "$elsewhere/owner" 2>/dev/null)
		other=${holder%% *}
		case $other in */* | '') continue ;; esac
		# Until it has started it has a hidden name.
		folder=$elsewhere/runs/$other
		[ -d "$folder" ] || folder=$elsewhere/runs/.$other
		is_same_deployment "$folder" "$elsewhere" "$2" || continue
		# In a subshell: it sets the variables by which a supervisor finds its own steps.
		flock -s -n "$elsewhere/lock" true 2>/dev/null && ! (find_run_processes "$other" "$(CDPATH='' cd -P -- "$folder" && pwd)") || return 0
	done
	return 1
}
