# shellcheck shell=sh
# list_watched: prints the tasks of the stack, as a guard on the host judges them, a line each, fields separated by tabs: SERVICE, NAME, ID,
# STATUS, HEALTH, EXIT CODE, RESTARTS, RESTART POLICY, the times of creation, of the last start and the last end, and for one that was
# restarted, seconds since its last start and the average from one start to the next. What is missing is `-`. A task is never started
# twice: its restarts are the failed ones before it in the same place, but for those that ended with their node (ended-with-node.ts). A task runs only when its health check has passed. Fails when the
# engine does not answer. Needs json.sh, swarm.sh and seconds-of.sh.

list_watched() (
	tab=$(printf '\t')
	services=$(service_rows) && filter=$(of_stack) && tasks=$(api GET "/tasks?$filter") || exit
	at=$(date +%s)
	{
		printf '%s\n' "$services" | awk -F '\t' 'NF {
			policy = match($9, /"Condition":"[a-z-]*"/) ? substr($9, RSTART + 13, RLENGTH - 14) : "any"
			print "service\t" $2 "\t" $1 "\t" (policy == "none" ? "no" : policy == "on-failure" ? policy : "always")
		}'
		printf '%s\n' "$tasks" | json_rows CreatedAt ServiceID Slot NodeID ID DesiredState Status.State Status.ContainerStatus.ExitCode Status.Timestamp Status.Err |
			LC_ALL=C sort | sed 's/^/task	/'
	} | LC_ALL=C awk -F '\t' '
		# Seconds of the day.
		function seconds(time) { return substr(time, 12, 2) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18, 2) }
		# True if the task ended because its node was lost or its engine was started again.
		function with_node(place, i,  id, j, apart) {
			id = place SUBSEP i
			if (state_of[id] == "rejected") return error[id] ~ /swarm is not active/
			if (i < tasks[place] && ended_at[id] > made[place, i + 1]) return 1
			if (code_of[id] != 255) return 0
			for (j = 1; j <= all_gone; j++) {
				apart = seconds(ended_at[gone[j]]) - seconds(ended_at[id])
				if (gone[j] != id && node[gone[j]] == node[id] && apart <= 2 && apart >= -2) return 1
			}
			return 0
		}
		$1 == "service" { name[$2] = $3; policy[$2] = $4; next }
		!($3 in name) { next }
		{
			place = $3 "\t" ($4 == "-" || $4 == 0 ? $5 : $4)
			tasks[place]++
			id = place SUBSEP tasks[place]
			made[id] = $2; node[id] = $5; state_of[id] = $8; code_of[id] = $9; ended_at[id] = $10; error[id] = $11
			if ($8 == "failed" && $9 == 255) gone[++all_gone] = id
			line[place] = $0
		}
		END {
			for (place in line) {
				split(line[place], f, "\t")
				# What was ended on purpose, by an update or a scaling, is no restart.
				for (i = 1; i <= tasks[place]; i++) {
					id = place SUBSEP i
					if ((state_of[id] != "failed" && state_of[id] != "rejected") || with_node(place, i)) continue
					if (!failed[place]++) first[place] = made[id]
					exit_code[place] = code_of[id]; ended[place] = ended_at[id]
				}
				if (f[7] != "running" && f[7] != "ready" && f[8] != "complete" && f[8] != "failed" && f[8] != "rejected") continue
				state = f[8]; restarts = failed[place] + 0; health = "-"; code = 0; started = end = "0001-01-01T00:00:00"
				if (state == "running") { status = state; started = f[10] }
				else if (state == "starting") { status = "running"; health = "starting"; started = f[10] }
				else if (state == "complete" || state == "failed" || state == "rejected") { status = "exited"; code = f[9] == "-" ? (state == "complete" ? 0 : 1) : f[9]; end = f[10] }
				else { status = restarts ? "restarting" : "created"; code = exit_code[place] == "-" ? 1 : exit_code[place] + 0 }
				if (end ~ /^0001/ && restarts) end = ended[place]
				split(place, p, "\t")
				print name[f[3]], name[f[3]] "." p[2], f[6], status, health, code, restarts, policy[f[3]], f[2], started, end, (restarts ? first[place] : f[2])
			}
		}' OFS='\t' | LC_ALL=C sort | while IFS=$tab read -r service name id status health code restarts policy created started finished first; do
		up=- period=-
		if [ "$restarts" -gt 0 ] && [ "$status" = running ] && begun=$(seconds_of "$started") && made=$(seconds_of "$first"); then
			up=$((at - begun)) period=$(((begun - made) / restarts))
		fi
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.19s\t%.19s\t%.19s\t%s\t%s\n' "$service" "$name" "$id" "$status" "$health" "$code" "$restarts" "$policy" "$created" "$started" "$finished" "$up" "$period"
	done
)

# watched_specs: prints each service with the sum of its spec: a task that crashes is replaced by another one, and that is no deployment.
watched_specs() { rows=$(service_rows) && printf '%s\n' "$rows" | cut -f 1,7; }
