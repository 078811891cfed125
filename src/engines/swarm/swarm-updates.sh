# shellcheck shell=sh
# Updates that are stuck, and nodes. Needs json.sh, swarm.sh, swarm-lock.sh, swarm-keep.sh, swarm-put.sh and swarm-rollback.sh. Reads: stack,
# run_dir, state_dir, plan_ground.

# look_update SERVICE: says how its update stands: how many of its tasks run the spec that it has now, and why others failed.
look_update() {
	row=$(service_row "$1") || return
	printf '%s: update %s\n' "$1" "$(printf '%s\n' "$row" | cut -f 6 | sed 's/^-$/state: none/')"
	not_converged "$1"
	engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.Image}}, {{.DesiredState}}, {{.CurrentState}} {{.Error}}' "${stack}_$1" | head -n 12
}

# pause_update SERVICE: holds an update that goes on. Docker cannot pause one: it gets a delay of a day after each task, so at most one more
# task is made anew. What it had before is kept in $state_dir/paused.
pause_update() {
	row=$(service_row "$1") || return
	[ "$(printf '%s\n' "$row" | cut -f 6)" = updating ] || {
		echo "no update of $1 goes on: its state is $(printf '%s\n' "$row" | cut -f 6)"
		return 1
	}
	settings=$(printf '%s\n' "$row" | cut -f 9 | json_row UpdateConfig)
	[ "$settings" != - ] || {
		echo "$1 has no settings for updates, so nothing can hold its update"
		return 1
	}
	(umask 077 && mkdir -p "$state_dir/paused" && printf '%s\n' "$settings" >"$state_dir/paused/${stack}_$1") || return
	slow=$(printf '%s\n' "$settings" | sed 's/"Delay":[0-9]*,\{0,1\}//; s/"Parallelism":[0-9]*,\{0,1\}//; s/^{/{"Parallelism":1,"Delay":86400000000000,/; s/,}$/}/')
	change_spec "$1" UpdateConfig "$slow" && echo "$1: the update waits a day after the next task"
}

# resume_update SERVICE: lets an update go on that Docker has paused after a failure, or that pause_update holds. The spec
# stays the same.
resume_update() {
	held=$state_dir/paused/${stack}_$1
	if [ -s "$held" ]; then
		change_spec "$1" UpdateConfig "$(cat "$held")" && rm -f -- "$held" && echo "$1: the update goes on, at its own pace"
		return
	fi
	row=$(service_row "$1") || return
	case $(printf '%s\n' "$row" | cut -f 6) in
		# The same spec alone would only clear the word, and leave the older tasks.
		paused | rollback_paused) begin_update_again "$1" && echo "$1: the update goes on" ;;
		*)
			echo "no update of $1 is paused"
			return 1
			;;
	esac
}

# hangs_on SERVICE: prints the nodes that the managers do not reach and that have tasks of the service, by the last look. Docker waits for such
# a task without an end (seen with 20.10): the update "goes on" although nothing happens, and older tasks may be left.
hangs_on() {
	{
		printf '%s\n' "$converge_nodes" | sed 's/^/node	/'
		printf '%s\n' "$converge_services" | awk -F '\t' -v name="$1" '$1 == name { print "service\t" $2 }'
		printf '%s\n' "$converge_tasks" | sed 's/^/task	/'
	} | awk -F '\t' '
		$1 == "node" { if ($4 != "ready") away[$3] = $2; next }
		$1 == "service" { id = $2; next }
		$3 == id && ($4 in away) && $7 !~ /^(complete|shutdown|failed|rejected|remove)$/ && !seen[$4]++ { print away[$4] }'
}

# begin_update_again SERVICE: makes Docker begin an update anew that hangs, without making a task anew for it. The same spec once more is no
# change to Docker, so a label is added and taken away again. Each begins with a task: one more than usual may be replaced at a time.
begin_update_again() {
	row=$(service_row "$1") || return
	(umask 077 && printf '%s\n' "$row" | cut -f 9 >"$run_dir/again.json") || return
	labels=$(json_row Labels <"$run_dir/again.json")
	change_spec "$1" Labels "{\"backout.update\":\"begun again\",${labels#?}" && put_spec "$1" "$run_dir/again.json"
	code=$?
	rm -f -- "$run_dir/again.json"
	return "$code"
}

# is_replaced SERVICE LOOK: succeeds if Docker has ended the update of the service by the last look, and no older task is left.
is_replaced() {
	case $2 in *' its update '* | *' older '*) return 1 ;; esac
	[ "$(printf '%s\n' "$converge_services" | awk -F '\t' -v name="$1" '$1 == name { print $6 }')" = completed ]
}

# follow_update LIMIT SETTLE SERVICE: like wait_converged, for a service that this run has changed. An update that hangs on a node which went
# away for 20 s is begun again, at most five times. With until_replaced=1 it also ends, and fails, as soon as Docker has ended the update,
# whether the tasks run or not.
follow_update() {
	follow_end=$(($(date +%s) + $1)) follow_since=0 follow_left=5 shown=
	rm -f -- "$run_dir/converged"
	while :; do
		converged_for "$2" "$3" >"$run_dir/converge.look" && {
			cat "$run_dir/converge.look"
			rm -f -- "$run_dir/converge.look"
			return 0
		}
		look=$(cat "$run_dir/converge.look") follow_now=$(date +%s)
		[ "$look" = "$shown" ] || {
			printf '%s\n' "$look"
			shown=$look follow_since=$follow_now
		}
		[ "${until_replaced:-}" != 1 ] || ! is_replaced "$3" "$look" || return 1
		case $look in
			*' in the middle of rolling its update back'* | *' rolled its last update back by itself'*) return 1 ;;
			*' its update '*)
				away=$(hangs_on "$3" | tr '\n' ' ')
				if [ -n "$away" ] && [ "$follow_left" -gt 0 ]; then
					[ "$((follow_now - follow_since))" -lt 20 ] || {
						follow_left=$((follow_left - 1)) follow_since=$follow_now
						echo "$3: Docker's update hangs on a task of a node that went away (${away% }), and is begun again"
						begin_update_again "$3" || return
					}
				else
					case $look in *' is paused, and goes no further'*) return 1 ;; esac
				fi
				;;
		esac
		[ "$follow_now" -lt "$follow_end" ] || {
			echo "not converged within the time: $(printf '%s\n' "$look" | head -n 1)"
			return 1
		}
		sleep 2
	done
}

# work_of: prints what the tasks of the spec on standard input are made from, without what changes nothing in them.
work_of() { json_row 'TaskTemplate!ForceUpdate,Placement'; }

# spec_before SERVICE: prints the newest deployment that was seen whose tasks are made from something else than those of now. A scaling is
# not such a one, and neither is an update that was only repeated.
spec_before() {
	row=$(service_row "$1") || return
	works_now=$(printf '%s\n' "$row" | cut -f 9 | work_of)
	for one in $(deployments); do
		[ -s "$state_dir/deployments/$one/spec/$1.json" ] || continue
		[ "$(work_of <"$state_dir/deployments/$one/spec/$1.json")" = "$works_now" ] || {
			echo "$one"
			return 0
		}
	done
	echo "no other spec of $1 was ever seen on this manager; another one may have seen it" >&2
	return 1
}

# take_update_back SERVICE: puts the service back to the spec before an update that is stuck (`spec_before`). Where nothing is stuck it
# refuses: called twice it would go forward to the bad spec again, as `docker service rollback` does.
take_update_back() {
	stuck_at=$(service_row "$1" | cut -f 6) && stuck_why=$(not_converged "$1") || return
	case $stuck_at in
		paused | updating | rollback_*) ;;
		*)
			[ -n "$stuck_why" ] || {
				echo "$1 has converged, so there is no update to take back: choose a kept spec instead"
				return 1
			}
			;;
	esac
	before=$(spec_before "$1") && [ -n "$before" ] || return 1
	rm -f -- "$state_dir/paused/${stack}_$1"
	roll_back_to_spec "$before" "$1"
}

# node_row NODE: prints its line of `node_rows`, by host name or id. Fails when there is none, or more than one of that name.
node_row() {
	all=$(node_rows) || return
	found=$(printf '%s\n' "$all" | awk -F '\t' -v node="$1" '$1 == node || $2 == node')
	[ "$(printf '%s\n' "$found" | grep -c .)" = 1 ] || {
		echo "not exactly one node is $1"
		return 1
	}
	printf '%s\n' "$found"
}

# set_availability NODE active|drain|pause: changes it at the version that was read. A drained node gets no tasks, and those on it move.
# Docker counts the version of a node up for what it hears of it, too: while nobody has changed its spec, it is read again.
set_availability() {
	case $2 in active | drain | pause) ;; *)
		echo "not an availability: $2"
		return 1
		;;
	esac
	lock_is_ours || return
	node_tries=0 node_spec=
	while :; do
		row=$(node_row "$1") || {
			echo "$row"
			return 1
		}
		[ "${node_spec:-$(printf '%s\n' "$row" | cut -f 8)}" = "$(printf '%s\n' "$row" | cut -f 8)" ] || {
			echo "somebody has changed the node $1 meanwhile"
			return 1
		}
		node_spec=$(printf '%s\n' "$row" | cut -f 8)
		(umask 077 && printf '%s\n' "$node_spec" | json_set Availability "$(json_text "$2")" >"$run_dir/node.json") || return
		said=$(api POST "/nodes/$(printf '%s\n' "$row" | cut -f 2)/update?version=$(printf '%s\n' "$row" | cut -f 6)" "$run_dir/node.json" 2>&1)
		code=$? node_tries=$((node_tries + 1))
		rm -f -- "$run_dir/node.json"
		case $code/$node_tries/$said in
			0/*)
				echo "$1: $2"
				return 0
				;;
			*/[1-9]/*'out of sequence'*) ;;
			*)
				echo "Docker refused to change the node $1: $said"
				return "$code"
				;;
		esac
	done
}

# bound_to NODE: prints the services that only this node can run as long as their volumes are there: a constraint names it, by its host
# name, its id or a label that it has.
bound_to() {
	row=$(node_row "$1") || return
	host=$(printf '%s\n' "$row" | cut -f 1) id=$(printf '%s\n' "$row" | cut -f 2)
	labels=$(printf '%s\n' "$row" | cut -f 8 | json_row Labels | tr -d '{}' | tr ',' '\n' | sed 's/^"\([^"]*\)":"\([^"]*\)"$/\1==\2/')
	service_rows | while IFS='	' read -r name _ _ _ _ _ _ _ spec; do
		for rule in $(printf '%s\n' "$spec" | json_row TaskTemplate.Placement.Constraints | LC_ALL=C grep -o '"[^"]*"' | tr -d '" '); do
			case $rule in
				node.hostname==*) [ "${rule#*==}" != "$host" ] || echo "$name" ;;
				node.id==*) [ "${rule#*==}" != "$id" ] || echo "$name" ;;
				node.labels.*) ! printf '%s\n' "$labels" | grep -qxF -e "${rule#node.labels.}" || echo "$name" ;;
			esac
		done
	done | sort -u
}

# node_is_empty NODE: succeeds if no task of any stack runs on it; says how many do.
node_is_empty() {
	left=$(engine node ps --filter desired-state=running -q -- "$1" | grep -c .)
	[ "$left" = 0 ] || {
		if [ "$left" = 1 ]; then echo "1 task is still on $1"; else echo "$left tasks are still on $1"; fi
		return 1
	}
	echo "no task is on $1"
}

# task_here SERVICE: prints the id of a container of the service that runs on this host. Fails when none does, and names the node where one
# does: its volumes can be reached there only.
task_here() {
	row=$(service_row "$1") && filter=$(of_stack) && tasks=$(api GET "/tasks?$filter") && here=$(api GET /info | json_row Swarm.NodeID) && nodes=$(node_rows) || return
	running=$(printf '%s\n' "$tasks" | json_rows ServiceID DesiredState Status.State NodeID Status.ContainerStatus.ContainerID |
		awk -F '\t' -v id="$(printf '%s\n' "$row" | cut -f 2)" '$1 == id && $2 == "running" && $3 == "running" { print $4 "\t" $5 }')
	[ -n "$running" ] || {
		echo "no task of $1 runs" >&2
		return 1
	}
	printf '%s\n' "$running" | awk -F '\t' -v here="$here" '$1 == here { print $2; found = 1; exit } END { exit !found }' && return
	where=$(printf '%s\n%s\n' "$nodes" "$(printf '%s\n' "$running" | sed 's/^/task	/')" | awk -F '\t' '$1 != "task" { name[$2] = $1; next } !seen[$2]++ { print name[$2] }' | tr '\n' ' ')
	echo "$1 runs on ${where% }, and this host is another node: its volumes can be reached there only" >&2
	return 1
}
