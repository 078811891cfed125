# shellcheck shell=sh
# list_watched: prints the pods of the deployment, as a guard on the host judges them, a line each, fields separated by tabs: SERVICE, NAME,
# ID, STATUS, HEALTH, EXIT CODE, RESTARTS, RESTART POLICY, the times of creation, of the last start and the last end, and for one that was
# restarted, seconds since its last start and the average from one start to the next. What is missing is `-`. Fails when the API server does
# not answer. Needs json.sh, cluster.sh, kubernetes.sh, kubernetes-converge.sh and seconds-of.sh.

list_watched() (
	tab=$(printf '\t')
	look_at_workloads || exit
	at=$(date +%s)
	{
		printf '%s\n' "$converge_sets" | sed 's/^/set	/'
		printf '%s\n' "$converge_rows" | sed 's/^/workload	/'
		printf '%s\n' "$converge_pods" | sed 's/^/pod	/'
	} | LC_ALL=C awk -F '\t' -v OFS='\t' '
		$1 == "set" { owner[$2] = $3; next }
		$1 == "workload" { workload[$4] = $2; next }
		{
			by = $5 == "ReplicaSet" && ($4 in owner) ? owner[$4] : $4
			if (!(by in workload) || $10 != "-" || $8 == "Failed") next
			code = match($15, /"exitCode":[0-9]+/) ? substr($15, RSTART + 11, RLENGTH - 11) : 0
			ended = match($15, /"finishedAt":"[^"]*"/) ? substr($15, RSTART + 14, RLENGTH - 15) : "0001-01-01T00:00:00"
			started = $14 == "-" ? "0001-01-01T00:00:00" : $14
			status = $14 != "-" ? "running" : $11 > 0 || $12 ~ /BackOff/ ? "restarting" : "created"
			health = status != "running" ? "-" : $9 == "True" ? "healthy" : "starting"
			print workload[by], $3, $2, status, health, status == "running" ? 0 : code == 0 && status == "restarting" ? 1 : code, $11, "always", $13, started, ended
		}' | LC_ALL=C sort | while IFS=$tab read -r service name id status health code restarts policy created started finished; do
		up=- period=-
		if [ "$restarts" -gt 0 ] && [ "$status" = running ] && begun=$(seconds_of "$started") && made=$(seconds_of "$created"); then
			up=$((at - begun)) period=$(((begun - made) / restarts))
		fi
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.19s\t%.19s\t%.19s\t%s\t%s\n' "$service" "$name" "$id" "$status" "$health" "$code" "$restarts" "$policy" "$created" "$started" "$finished" "$up" "$period"
	done
)

# watched_specs: prints each workload with the sum of its spec: a pod that is replaced by another one is no deployment.
watched_specs() { rows=$(workload_rows) && printf '%s\n' "$rows" | cut -f 1,9; }
