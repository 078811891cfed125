# shellcheck shell=sh
# Whether the deployment runs what it should, by the statuses and pods of the API server alone. `kubectl apply` exits with 0 as soon as the
# objects are written, and `kubectl rollout status` does not see a pod that crashes right after it. Needs cluster.sh, json.sh,
# who-changed.sh, kubernetes.sh and kubernetes-settings.sh. Reads: run_dir.

# not_converged [WORKLOAD...]: prints what keeps these workloads (all without any) from being converged, a line each; nothing when they are.
# Fails when the API server does not say. Converged: the controller has seen the newest spec; as many pods of the newest revision as should
# are available; no pod of an older one is left; no rollout is paused; no container waits or has just been restarted.
not_converged() { look_at_workloads && missing_of_look "$@"; }

# look_at_workloads: reads workloads, their ReplicaSets and pods for the functions below. Fails when the API server does not say.
look_at_workloads() {
	converge_rows=$(workload_rows) && converge_pods=$(pod_rows) && converge_sets=$(items replicasets.apps) || return
	# Without the right to list nodes none is known to be lost.
	converge_nodes=$(node_rows 2>/dev/null) || converge_nodes=
	converge_sets=$(printf '%s\n' "$converge_sets" | json_rows metadata.uid metadata.ownerReferences.0.uid 'metadata.annotations.deployment.kubernetes.io/revision' metadata.name)
}

# missing_of_look [WORKLOAD...]: the same, from the last look.
missing_of_look() {
	for name in "$@"; do
		printf '%s\n' "$converge_rows" | awk -F '\t' -v name="$name" '$1 == name || $2 == name { found = 1 } END { exit !found }' || echo "$name: there is no such workload"
	done
	{
		printf '%s\n' "$converge_nodes" | sed 's/^/node	/'
		printf '%s\n' "$converge_sets" | sed 's/^/set	/'
		printf '%s\n' "$converge_pods" | sed 's/^/pod	/'
		printf '%s\n' "$converge_rows" | sed 's/^/workload	/'
	} | LC_ALL=C awk -F '\t' -v chosen=" $* " '
		function pods_are(n) { return n == 1 ? "1 pod" : n " pods" }
		function number(text, key) { return match(text, "\"" key "\":-?[0-9]+") ? substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : 0 }
		function word(text, key) { return match(text, "\"" key "\":\"[^\"]*\"") ? substr(text, RSTART + length(key) + 4, RLENGTH - length(key) - 5) : "" }
		# The text of the condition of this type.
		function condition(text, type,  parts, n, i) {
			if (!match(text, /"conditions":\[.*/)) return ""
			n = split(substr(text, RSTART), parts, /},[{]/)
			for (i = 1; i <= n; i++) if (index(parts[i], "\"type\":\"" type "\"")) return parts[i]
			return ""
		}
		$1 == "node" { if ($2 != "" && $3 != "True") { unready[$2] = 1; if ($3 == "Unknown") lost[$2] = 1; if ($4 == "true") taken[$2] = 1 } next }
		$1 == "set" { owner[$2] = $3; revision[$2] = $4; next }
		$1 == "pod" && $2 != "" {
			# A pod that was evicted or has ended is only a record, and its controller has another one.
			if ($8 == "Failed" || $8 == "Succeeded") next
			by = $5 == "ReplicaSet" && ($4 in owner) ? owner[$4] : $4
			n = ++pods[by]; id = by "," n
			name[id] = $3; set[id] = $4; hash[id] = $6; node[id] = $7; ready[id] = $9; gone[id] = $10; restarts[id] = $11; why[id] = $12
			next
		}
		$1 != "workload" || $2 == "" || (chosen != "  " && !index(chosen, " " $2 " ") && !index(chosen, " " $3 " ")) { next }
		{
			one = $2; kind = $3; sub(/\/.*/, "", kind); uid = $4; status = $14; spec = $13
			if (number(status, "observedGeneration") < $6 + 0) { print one ": its controller has not seen the newest spec yet"; next }
			if ($11 == "true") print one ": its rollout is paused, and goes no further by itself"
			newest = kind == "deployment" ? $9 : kind == "statefulset" ? word(status, "updateRevision") : ""
			if (kind == "daemonset") { want = number(status, "desiredNumberScheduled"); updated = number(status, "updatedNumberScheduled"); available = number(status, "numberAvailable") }
			else { want = $7 == "-" ? 1 : $7 + 0; updated = number(status, "updatedReplicas"); available = kind == "deployment" ? number(status, "availableReplicas") : number(status, "readyReplicas") }
			# A stateful set that was never changed counts all of its pods as current, and none as updated.
			if (kind == "statefulset" && word(status, "currentRevision") == newest) updated = number(status, "currentReplicas") > updated ? number(status, "currentReplicas") : updated
			older = ending = away = 0; trouble = ""
			for (i = 1; i <= pods[uid]; i++) {
				id = uid "," i
				# What a daemon set ran on a node that was cordoned before is not missed. Nobody knows what runs on a lost node: its
				# pods stay until it is back, or deleted. A kubelet that is heard ends its pods, also when it is not ready.
				if (kind == "daemonset" && (node[id] in taken)) continue
				if (gone[id] == "-" && (node[id] in unready)) { away++; where = node[id] }
				if (node[id] in lost) continue
				if (gone[id] != "-") { ending++; continue }
				if (kind == "deployment" && revision[set[id]] != newest) { older++; continue }
				if (kind == "statefulset" && hash[id] != newest) older++
				if (why[id] != "-" && trouble == "") trouble = name[id] ": " why[id]
			}
			because = trouble == "" ? "" : "; " trouble
			# A surge without room: the old pods would make way, but only after the new one is ready.
			if (kind == "deployment" && older && trouble ~ /: Unschedulable/) because = because "; its strategy makes a new pod before it ends an old one (maxSurge), and no node has room for that: make room, or raise maxUnavailable"
			progress = condition(status, "Progressing")
			if (word(progress, "reason") == "ProgressDeadlineExceeded") because = because "; its progress deadline has passed"
			failure = condition(status, "ReplicaFailure")
			if (word(failure, "status") == "True") because = because "; " word(failure, "message")
			strategy = match(spec, /"(strategy|updateStrategy)":[{][^}]*[}]/) ? word(substr(spec, RSTART, RLENGTH), "type") : ""
			if (updated < want) print one ": " updated " of " want " pods are of the newest revision" because (strategy == "OnDelete" ? "; its update strategy is OnDelete, so each pod is replaced only when somebody deletes it" : "")
			else if (available < want) print one ": " available " of " want " pods are available" because
			else if (trouble != "") print one ": " trouble
			if (away) print one ": " (where in lost ? pods_are(away) " cannot be seen: " where " is lost" : pods_are(away) " on " where ", which is not ready")
			if (older) print one ": " pods_are(older) " of an older revision left"
			if (ending) print one ": " pods_are(ending) " still ending"
		}'
}

# overwritten [WORKLOAD...]: prints those of the last look that no longer have the specification that this run gave them, a line each, with who
# has changed them, as far as the API server says: they may be converged, and run what somebody else wants.
overwritten() {
	[ -s "$run_dir/written" ] || return 0
	{
		sed 's/^/written	/' "$run_dir/written"
		printf '%s\n' "$converge_rows" | sed 's/^/workload	/'
	} | awk -F '\t' -v chosen=" $* " '
		$1 == "written" { split($2, part, " "); wrote[part[1]] = part[2]; scaled[part[1]] = part[3]; next }
		(chosen == "  " || index(chosen, " " $2 " ") || index(chosen, " " $3 " ")) && ($3 in wrote) && (wrote[$3] != $10 || (scaled[$3] != "-" && scaled[$3] != $7)) { print $2 "\t" $3 }
	' | while IFS='	' read -r name object; do
		by=$(who_changed "$object")
		echo "$name: somebody has changed it since this run did, ${by:-perhaps a controller that puts back what others change}"
	done
	overwritten_settings=$(settings_overwritten 2>/dev/null <"$run_dir/written") || {
		echo 'settings that this run has written cannot be read'
		return 0
	}
	[ -z "$overwritten_settings" ] || printf '%s\n' "$overwritten_settings" | while IFS='	' read -r object by; do
		echo "${object%%/*} ${object#*/}: somebody has changed it since this run did, ${by:-perhaps a controller that puts back what others change}"
	done
}

# say_converged [WORKLOAD...]: says in its last line whether all workloads but these are converged, for a guard on the host. Exits 75 when
# the API server does not say.
say_converged() {
	look_at_workloads 2>/dev/null || {
		echo 'the API server does not say what runs'
		return 75
	}
	counted=$(printf '%s\n' "$converge_rows" | awk -F '\t' -v except=" $* " '$1 != "" && !index(except, " " $1 " ") { print $1 }')
	[ -n "$counted" ] || {
		echo "${project:-$kube_namespace} has no workload"
		return 1
	}
	# shellcheck disable=SC2086 # names of workloads
	missing=$(missing_of_look $counted)
	[ -z "$missing" ] || {
		printf '%s\n' "$missing" | tr '\n' ';' | sed 's/;$//; s/;/; /g'
		echo
		return 1
	}
	echo 'all workloads run as specified, nothing is under way'
}

# pods_and_restarts [WORKLOAD...]: prints the ids and restarts of the pods of the last look, in one line: the same as long as nothing was
# restarted or replaced.
pods_and_restarts() {
	{
		printf '%s\n' "$converge_sets" | sed 's/^/set	/'
		printf '%s\n' "$converge_rows" | sed 's/^/workload	/'
		printf '%s\n' "$converge_pods" | sed 's/^/pod	/'
	} | awk -F '\t' -v chosen=" $* " '
		$1 == "set" { owner[$2] = $3; next }
		$1 == "workload" { if (chosen == "  " || index(chosen, " " $2 " ") || index(chosen, " " $3 " ")) mine[$4] = 1; next }
		{ by = $5 == "ReplicaSet" && ($4 in owner) ? owner[$4] : $4; if (by in mine) print $2 "/" $11 }' | LC_ALL=C sort | tr '\n' ' '
}

# converged_for SECONDS [WORKLOAD...]: one look. Succeeds if these workloads have been converged with the same pods for that long; prints
# what is missing otherwise. Its memory is a file in $run_dir, so a `wait` step can call it again and again.
converged_for() {
	settle=$1
	shift
	memory=$run_dir/converged
	look_at_workloads 2>"$run_dir/look.error" || {
		rm -f -- "$memory"
		echo "unknown: $(head -n 1 "$run_dir/look.error" | grep . || echo 'the API server does not say what runs')"
		return 1
	}
	# What somebody else has done is read last, where an output ends.
	missing=$(missing_of_look "$@" && overwritten "$@")
	[ -z "$missing" ] || {
		rm -f -- "$memory"
		printf '%s\n' "$missing"
		return 1
	}
	now_run=$(pods_and_restarts "$@") now=$(date +%s) since='' before=''
	[ ! -s "$memory" ] || { read -r since && IFS= read -r before; } <"$memory"
	if [ -z "$since" ] || [ "${before% }" != "${now_run% }" ]; then
		printf '%s\n%s\n' "$now" "$now_run" >"$memory"
		since=$now
	fi
	[ "$((now - since))" -ge "$settle" ] || {
		echo "converged, but not for $settle s yet"
		return 1
	}
	rm -f -- "$memory"
	echo "converged for $settle s: ${*:-all workloads of ${project:-$kube_namespace}}"
}

# wait_converged LIMIT SETTLE [WORKLOAD...]: looks every two seconds until it is so for SETTLE seconds. Fails after LIMIT seconds with what is
# missing, and at once where a rollout is paused, as nothing changes any more then, or where somebody has changed it since. An API server that restarts is waited for. A stateful
# set that is stuck behind a pod of an older revision goes on when that pod is deleted (stuck_pod).
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
			*' changed it since this run did'*)
				echo 'it would be put back again: stop what does that, or roll back where it comes from, such as git'
				return 1
				;;
			*' is paused, and goes no further'*) return 1 ;;
			unknown:*) ;;
			*) ! stuck=$(stuck_pod "$@") || replace_stuck "$stuck" ;;
		esac
		[ "$(date +%s)" -lt "$limit" ] || {
			echo "not converged within the time: $(printf '%s\n' "$look" | head -n 1)"
			return 1
		}
		sleep 2
	done
}

# stuck_pod WORKLOAD...: prints a pod of an older revision that keeps a stateful set of these from going on: its controller waits for the pod
# to become ready, which it never does. Fails when there is none, or the pod may still become ready.
stuck_pod() {
	[ $# -gt 0 ] || return 1
	{
		printf '%s\n' "$converge_rows" | sed 's/^/workload	/'
		printf '%s\n' "$converge_pods" | sed 's/^/pod	/'
	} | awk -F '\t' -v chosen=" $* " '
		$1 == "workload" {
			if ($3 ~ /^statefulset/ && $13 !~ /"type":"OnDelete"/ && (index(chosen, " " $2 " ") || index(chosen, " " $3 " ")) && match($14, /"updateRevision":"[^"]*"/)) newest[$4] = substr($14, RSTART + 18, RLENGTH - 19)
			next
		}
		($4 in newest) && $6 != newest[$4] && $9 != "True" && $10 == "-" && $12 != "-" { print $3; found = 1; exit }
		END { exit !found }'
}

replace_stuck() {
	# The time limit ends the waiting of a run that does not have its lock any more.
	lock_is_ours >/dev/null 2>&1 || return 0
	said=$(cluster_said delete pod "$1" --wait=false -o name 2>&1) || {
		echo "$1 keeps its stateful set from going on, and cannot be deleted: $said"
		return 0
	}
	echo "$1 is of an older revision and does not become ready, which its stateful set would wait for without an end: deleted, so that it is made anew"
}
