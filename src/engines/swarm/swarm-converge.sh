# shellcheck shell=sh
# Whether the stack runs what it should, by the task list of the engine alone. `docker stack deploy` exits with 0 as soon as the specs are
# written, and `docker service update` where an update has paused; neither is believed. Needs json.sh and swarm.sh. Reads: stack, run_dir.

# not_converged [SERVICE...]: prints what keeps these services (all of the stack without any) from being converged, a line each; nothing when
# they are. Fails when the engine does not say. Converged: as many tasks run as should, through their health checks (a task is `running` only
# then), made from the spec that the service has now, on nodes that the managers reach; no update goes on, is paused or was rolled back by
# the engine; no older task is still there; a job has completed.
not_converged() { look_at_stack && missing_of_look "$@"; }

# look_at_stack: reads services, tasks and nodes for the two functions below. Fails when the engine does not say.
look_at_stack() { converge_services=$(service_rows) && converge_tasks=$(task_rows) && converge_nodes=$(node_rows); }

missing_of_look() {
	for name in "$@"; do
		printf '%s\n' "$converge_services" | cut -f 1 | grep -qxF -e "$name" || echo "$name: there is no such service"
	done
	{
		printf '%s\n' "$converge_nodes" | sed 's/^/node	/'
		printf '%s\n' "$converge_tasks" | sed 's/^/task	/'
		printf '%s\n' "$converge_services" | sed 's/^/service	/'
	} | LC_ALL=C awk -F '\t' -v chosen=" $* " '
		$1 == "node" { host[$3] = $2; state[$3] = $4; next }
		$1 == "task" && $2 != "" {
			n = ++tasks[$3]; id = $3 "," n
			node[id] = $4; slot[id] = $5; desired[id] = $6; is[id] = $7; made[id] = $8; error[id] = $9; time[id] = $10
			next
		}
		$1 != "service" || $2 == "" || (chosen != "  " && !index(chosen, " " $2 " ")) { next }
		{
			name = $2; want = $6; update = $7; from = $9
			if (update == "updating") print name ": its update goes on"
			if (update == "paused") print name ": its update is paused, and goes no further by itself"
			if (update == "rollback_started") print name ": the engine rolls its update back"
			if (update == "rollback_paused") print name ": the engine has stopped in the middle of rolling its update back"
			if (update == "rollback_completed") print name ": the engine has rolled its last update back by itself"
			job = $10 ~ /"Mode":[{]"(ReplicatedJob|GlobalJob)"/
			runs = done = older = away = all = left = 0; last = why = ""
			for (i = 1; i <= tasks[$3]; i++) {
				id = $3 "," i
				if ((is[id] == "failed" || is[id] == "rejected") && time[id] > last) { last = time[id]; why = error[id] }
				if (is[id] == "complete") done++
				if (desired[id] != "running" && desired[id] != "ready") {
					if (is[id] == "running" && state[node[id]] == "ready") left++
					continue
				}
				all++
				if (is[id] != "running") continue
				if (made[id] != from) older++
				else if (state[node[id]] != "ready") { away++; where = host[node[id]] }
				else runs++
			}
			because = why == "" ? "" : "; the newest failure: " why
			if (job) {
				if (match($10, /"TotalCompletions":[0-9]+/)) want = substr($10, RSTART + 19, RLENGTH - 19)
				if (want != "-" ? done < want : !done || runs) print name ": the job has completed " done " of " (want == "-" ? all : want) because
				next
			}
			if (want == "-") want = all > 0 ? all : 1
			if (runs != want) print name ": " runs " of " want " tasks run its spec" because
			if (older) print name ": " older " of its tasks run an older spec"
			if (away) print name ": " away " of its tasks cannot be seen: " where " is " (where == "" ? "gone" : "not reached")
			if (left) print name ": " left " older tasks still run"
		}'
}

# say_converged [SERVICE...]: says in its last line whether all services but these are converged, for a guard on the host. Exits 75 when the
# engine does not say.
say_converged() {
	look_at_stack 2>/dev/null || {
		echo 'the engine does not say what runs'
		return 75
	}
	counted=$(printf '%s\n' "$converge_services" | awk -F '\t' -v except=" $* " '$1 != "" && !index(except, " " $1 " ") { print $1 }')
	[ -n "$counted" ] || {
		echo "the stack $stack has no service"
		return 1
	}
	# shellcheck disable=SC2086 # names of services
	missing=$(missing_of_look $counted)
	[ -z "$missing" ] || {
		printf '%s\n' "$missing" | tr '\n' ';' | sed 's/;$//; s/;/; /g'
		echo
		return 1
	}
	echo 'all services run as specified, nothing is under way'
}

# running_tasks [SERVICE...]: prints the ids of the tasks of the last look that should run, in one line: a task that is restarted gets another id.
running_tasks() {
	ids=$(printf '%s\n' "$converge_services" | awk -F '\t' -v only="$(printf '%s ' "$@")" 'only == " " || index(" " only, " " $1 " ") { print $2 }')
	printf '%s\n' "$converge_tasks" | awk -F '\t' -v ids=" $(printf '%s ' $ids)" '$5 == "running" && index(ids, " " $2 " ") { print $1 }' | LC_ALL=C sort | tr '\n' ' '
}

# converged_for SECONDS [SERVICE...]: one look. Succeeds if these services have been converged with the same tasks for that long; prints
# what is missing otherwise. Its memory is a file in $run_dir, so a `wait` step can call it again and again.
converged_for() {
	settle=$1
	shift
	memory=$run_dir/converged
	look_at_stack || {
		rm -f -- "$memory"
		echo 'unknown: the engine does not say what runs'
		return 1
	}
	missing=$(missing_of_look "$@")
	[ -z "$missing" ] || {
		rm -f -- "$memory"
		printf '%s\n' "$missing"
		return 1
	}
	tasks=$(running_tasks "$@") now=$(date +%s) since='' before=''
	[ ! -s "$memory" ] || { read -r since && IFS= read -r before; } <"$memory"
	if [ -z "$since" ] || [ "${before% }" != "${tasks% }" ]; then
		printf '%s\n%s\n' "$now" "$tasks" >"$memory"
		since=$now
	fi
	[ "$((now - since))" -ge "$settle" ] || {
		echo "converged, but not for $settle s yet"
		return 1
	}
	rm -f -- "$memory"
	echo "converged for $settle s: ${*:-all services of $stack}"
}

# wait_converged LIMIT SETTLE [SERVICE...]: looks every two seconds until it is so for SETTLE seconds. Fails after LIMIT seconds with what is
# missing, and at once where an update is paused or was rolled back, as nothing changes any more then.
wait_converged() {
	limit=$(($(date +%s) + $1)) wanted_settle=$2
	shift 2
	rm -f -- "$run_dir/converged"
	shown=
	while :; do
		converged_for "$wanted_settle" "$@" >"$run_dir/converge.look" && {
			cat "$run_dir/converge.look"
			rm -f -- "$run_dir/converge.look"
			return 0
		}
		look=$(cat "$run_dir/converge.look")
		[ "$look" = "$shown" ] || printf '%s\n' "$look"
		shown=$look
		case $look in
			*' is paused, and goes no further'* | *' in the middle of rolling its update back'* | *' rolled its last update back by itself'*) return 1 ;;
		esac
		[ "$(date +%s)" -lt "$limit" ] || {
			echo "not converged within the time: $(printf '%s\n' "$look" | head -n 1)"
			return 1
		}
		sleep 2
	done
}
