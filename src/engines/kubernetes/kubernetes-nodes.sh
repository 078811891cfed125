# shellcheck shell=sh
# Takes nodes out and back, and runs Jobs. Needs cluster.sh, json.sh, kubernetes.sh and
# kubernetes-converge.sh. Reads: run_id.

# node_name NODE: succeeds if there is a node of that name.
node_name() {
	all=$(node_rows) || return
	printf '%s\n' "$all" | cut -f 1 | grep -qxF -e "$1" || {
		echo "there is no node $1" >&2
		return 1
	}
}

# pods_on NODE: prints the pods on a node, of all namespaces, that a drain moves: NAMESPACE/NAME, OWNER KIND, and the time at which it is to be
# deleted or `-`, separated by tabs.
pods_on() {
	rows=$(items pods --all-namespaces --field-selector "spec.nodeName=$1") || return
	printf '%s\n' "$rows" | json_rows metadata.namespace metadata.name metadata.ownerReferences.0.kind status.phase metadata.deletionTimestamp | awk -F '\t' '$1 != "" && $3 != "DaemonSet" && $4 !~ /Succeeded|Failed/ { print $1 "/" $2 "\t" $3 "\t" $5 }'
}

# workloads_on NODE: prints the workloads of the deployment that have pods on it.
workloads_on() {
	look_at_workloads || return
	{
		printf '%s\n' "$converge_sets" | sed 's/^/set	/'
		printf '%s\n' "$converge_rows" | sed 's/^/workload	/'
		printf '%s\n' "$converge_pods" | sed 's/^/pod	/'
	} | awk -F '\t' -v node="$1" '
		$1 == "set" { owner[$2] = $3; next }
		$1 == "workload" { name[$4] = $2; next }
		$7 == node { by = $5 == "ReplicaSet" && ($4 in owner) ? owner[$4] : $4; if ((by in name) && !seen[by]++) print name[by] }'
}

# cordon_node NODE, uncordon_node NODE: says whether the scheduler may put pods on it. Running pods stay.
cordon_node() { lock_is_ours && cluster_said cordon "$1" >/dev/null && echo "$1: takes no new pods"; }
uncordon_node() { lock_is_ours && cluster_said uncordon "$1" >/dev/null && echo "$1: takes pods again"; }

# heard_of NODE: prints what the control plane knows of its kubelet: `True`, `False` when it says that it is not ready, or `Unknown` when nothing is
# heard from it, so that the node is lost. Fails when the API server does not say.
heard_of() {
	all=$(node_rows) || return
	printf '%s\n' "$all" | awk -F '\t' -v node="$1" '$1 == node { print $2 }'
}

# drain_node NODE SECONDS: takes no new pods, and evicts those that it has, except of daemon sets, within their disruption budgets. Refused by
# kubectl where a pod would be lost: one that no controller makes anew, or with data in an emptyDir. Nobody would end the pods of a lost node, so
# they are not waited for; a kubelet that is heard ends them, also when it is not ready.
drain_node() {
	lock_is_ours && drain_heard=$(heard_of "$1") || return
	drained=$1 drain_limit=$2
	shift 2
	if [ "$drain_heard" = Unknown ]; then
		echo "$drained is lost: what runs there is not known, and ends only with the node"
		set -- --skip-wait-for-delete-timeout=5
	fi
	engine_timeout=$drain_limit cluster drain "$drained" --ignore-daemonsets --timeout="${drain_limit}s" "$@" 2>&1
}

# node_is_empty NODE: succeeds if a drain has left nothing on it; says how many pods are left. Those of a lost node count only until they are to be
# deleted: what runs there is not known.
node_is_empty() {
	empty_pods=$(pods_on "$1") && empty_heard=$(heard_of "$1") || return
	left=$empty_pods
	[ "$empty_heard" != Unknown ] || left=$(printf '%s\n' "$empty_pods" | awk -F '\t' '$3 == "-"')
	left=$(printf '%s\n' "$left" | grep -c .)
	[ "$left" = 0 ] || {
		if [ "$left" = 1 ]; then echo "1 pod is still on $1"; else echo "$left pods are still on $1"; fi
		return 1
	}
	if [ "$empty_heard" = Unknown ]; then
		echo "$1 is lost: ${empty_pods:+its pods are marked to be deleted, and }what runs there is not known"
	else
		echo "no pod is on $1, but those of daemon sets"
	fi
}

# job_from_cron CRONJOB SECONDS: runs a CronJob once, now, as a Job, waits until it has completed, and prints its log. For steps of a runbook, as a
# restore of a database or a migration back.
job_from_cron() {
	job=$1-$(printf '%s' "${run_id:-by-hand}" | tr '[:upper:]' '[:lower:]' | tail -c 14)
	said=$(cluster_said create job "$job" --from="cronjob/$1" -o name 2>&1) || {
		echo "the Job of the CronJob $1 cannot be created: $said"
		return 1
	}
	wait_job "$job" "$2"
}

# job_from_file FILE SECONDS: the same for a Job in a manifest, relative to the directory of the target. Its name must be new, or generateName.
job_from_file() {
	said=$(cluster_said create -f "$1" -o 'jsonpath={.kind} {.metadata.name}' 2>&1) || {
		echo "the Job in $1 cannot be created: $said"
		return 1
	}
	[ "${said% *}" = Job ] || {
		echo "$1 has no Job, or more than that: $said"
		return 1
	}
	wait_job "${said#* }" "$2"
}

# wait_job JOB SECONDS: waits until a Job has completed, and prints its log. Fails when it failed, or has not ended within that time; a Job that
# goes on, also when the step is cancelled, is ended: its pods are deleted, and the Job stays, suspended by a parallelism of 0.
wait_job() {
	job_limit=$(($(date +%s) + $2))
	trap 'end_job "$1"; exit 143' TERM INT
	while :; do
		said=$(cluster_said get job "$1" -o 'jsonpath={range .status.conditions[?(@.status=="True")]}{.type}{" "}{end}' 2>&1)
		case $said in
			*Complete*)
				trap - TERM INT
				cluster logs "job/$1" --all-containers --tail=1000 2>/dev/null
				echo "the Job $1 has completed"
				return 0
				;;
			*Failed*)
				trap - TERM INT
				cluster logs "job/$1" --all-containers --tail=1000 2>/dev/null
				echo "the Job $1 has failed: $(cluster_said get job "$1" -o 'jsonpath={.status.conditions[?(@.type=="Failed")].message}' 2>&1)"
				return 1
				;;
		esac
		[ "$(date +%s)" -lt "$job_limit" ] || {
			trap - TERM INT
			end_job "$1"
			echo "the Job $1 has not ended within $2 s: $said"
			return 1
		}
		sleep 2
	done
}

end_job() { cluster patch job "$1" --type=merge -p '{"spec":{"parallelism":0}}' -o name >/dev/null 2>&1 || echo "the Job $1 could not be ended, and goes on"; }
