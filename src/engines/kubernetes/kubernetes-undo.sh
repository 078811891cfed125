# shellcheck shell=sh
# Takes a deployment back to a restore point: every workload to its whole spec of then, with the settings that it names, nodes to whether they
# take pods. Needs cluster.sh, json.sh, kubernetes.sh, kubernetes-settings.sh, kubernetes-keep.sh, kubernetes-converge.sh, kubernetes-patch.sh,
# kubernetes-rollback.sh and kubernetes-nodes.sh. Reads: from_dir (the restore point), from_interrupts (workloads, with blanks between), run_dir.

# service_differences: prints how workloads, settings and nodes differ from the restore point, a line each. Fails when the API server does
# not say.
service_differences() {
	undo_then=$from_dir/kubernetes
	[ -s "$undo_then/workloads" ] || return 0
	undo_rows=$(workload_rows) || {
		echo 'The API server does not say what is there'
		return 1
	}
	while IFS='	' read -r name object _ _ _ replicas image _; do
		row=$(printf '%s\n' "$undo_rows" | awk -F '\t' -v object="$object" '$2 == object')
		if [ -z "$row" ]; then echo "$name: there is no such workload, then it ran $image"; else workload_differs "$name" "$row" "$image" "$replicas"; fi
	done <"$undo_then/workloads"
	printf '%s\n' "$undo_rows" | while IFS='	' read -r name object _; do
		[ -z "$name" ] || cut -f 2 "$undo_then/workloads" | grep -qxF -e "$object" || echo "$name: was not part of the deployment then"
	done
	while IFS='	' read -r kind name sum; do
		# What was not kept cannot be compared, and was not changed by a run either.
		[ "$sum" = - ] || setting_differs "$undo_then" "$kind" "$name" || return
	done <"$undo_then/settings"
	[ -s "$undo_then/nodes" ] && undo_nodes=$(node_rows 2>/dev/null) || return 0
	while IFS='	' read -r name off; do
		is=$(printf '%s\n' "$undo_nodes" | awk -F '\t' -v name="$name" '$1 == name { print $3 }')
		[ -z "$is" ] || [ "$is" = "$off" ] || echo "node $name: $(takes_pods "$is"), then it $(takes_pods "$off")"
	done <"$undo_then/nodes"
}

takes_pods() { if [ "$1" = true ]; then echo 'takes no pods'; else echo 'takes pods'; fi; }

# workload_differs NAME ROW IMAGE REPLICAS: prints in what the workload differs from the kept one.
workload_differs() {
	differs_object=$(field "$2" 2)
	fits=$(spec_of "$undo_then" "$differs_object")
	if [ "$(field "$2" 12 | plain_spec)" != "$(printf '%s\n' "$fits" | plain_spec)" ]; then
		if [ "$(field "$2" 7)" != "$3" ]; then echo "$1: runs $(field "$2" 7), then $3"; else echo "$1: its spec is another one"; fi
	elif [ "$(field "$2" 6)" != "$4" ] && ! differs_scaler=$(scaled_by "$differs_object" 2>&1); then
		# Without an autoscaler that is a difference, and with one it is none: unknown is no proof.
		echo "$1: $(field "$2" 6) pods, then $4; $differs_scaler"
	elif [ "$(field "$2" 6)" != "$4" ] && [ -z "$differs_scaler" ]; then
		echo "$1: $(field "$2" 6) pods, then $4"
	elif [ "$(field "$2" 10)" != "$(printf '%s\n' "$fits" | json_row paused | sed 's/^false$/-/')" ]; then
		if [ "$(field "$2" 10)" = true ]; then echo "$1: is paused, and was not then"; else echo "$1: was paused then"; fi
	fi
}

# look_kept: succeeds if the restore point has workloads that can be put back.
look_kept() {
	[ -s "$from_dir/kubernetes/workloads" ] || {
		echo 'the restore point has no workloads'
		return 1
	}
	lost=$(awk -F '\t' '$3 == "-" { printf "%s%s %s", n++ ? ", " : "", $1, $2 }' "$from_dir/kubernetes/settings")
	echo "$(wc -l <"$from_dir/kubernetes/workloads") workloads are kept${lost:+; the content of these could not be read then, and stays as it is: $lost}"
}

# look_rights: succeeds if the user of kubectl may change what an undo changes, and read what it asks for before that.
look_rights() {
	may patch deployments.apps statefulsets.apps daemonsets.apps && may list horizontalpodautoscalers.autoscaling || return
	rights_to='workloads may'
	for kind in configmap secret; do
		# One that was kept by its name only stays as it is.
		! awk -F '\t' -v kind="$kind" '$1 == kind && $3 != "-" { found = 1 } END { exit !found }' "$from_dir/kubernetes/settings" 2>/dev/null || {
			may get "${kind}s" && may patch "${kind}s" || return
			rights_to='workloads and what they name may'
		}
	done
	echo "$rights_to be changed"
}

# stop_interrupted: scales the workloads in $from_interrupts to 0, and waits until none of their pods runs: undo scripts work on their data.
stop_interrupted() {
	for name in $from_interrupts; do
		row=$(workload_row "$name" 2>/dev/null) && [ "$(field "$row" 6)" != - ] || continue
		scale_workload "$name" 0 && wait_converged 90 0 "$name" || return
	done
}

# put_workloads_back: every workload that differs, in order; then what was not there, and the nodes. It goes on after one that fails, and
# fails at the end.
put_workloads_back() {
	back_failed=0
	for back in $(in_order "$from_dir/kubernetes"); do
		roll_back_to_spec "$from_dir/kubernetes" "$back" || back_failed=1
	done
	for back in $(workload_rows | cut -f 2); do
		cut -f 2 "$from_dir/kubernetes/workloads" | grep -qxF -e "$back" || remove_since "$back" || back_failed=1
	done
	while IFS='	' read -r name off; do
		is=$(node_rows 2>/dev/null | awk -F '\t' -v name="$name" '$1 == name { print $3 }')
		[ -z "$is" ] || [ "$is" = "$off" ] || if [ "$off" = true ]; then cordon_node "$name"; else uncordon_node "$name"; fi || back_failed=1
	done <"$from_dir/kubernetes/nodes"
	return "$back_failed"
}

# remove_since OBJECT: removes a workload that did not exist then. Its spec is in the restore point of this undo.
remove_since() { lock_is_ours && cluster_said delete "$1" --wait=false -o name >/dev/null && echo "$1: did not exist before; removed"; }

# compare_with_point: proves an undo. Fails with the differences, and where there is nothing to compare with.
compare_with_point() {
	[ -s "$from_dir/kubernetes/workloads" ] || {
		echo 'The restore point has no workloads, so nothing proves that they are as they were'
		return 1
	}
	undo_says=$(service_differences) || {
		printf '%s\n' "$undo_says"
		return 1
	}
	[ -z "$undo_says" ] || {
		printf '%s\n' "$undo_says"
		echo "Not everything is as it was. The specs of then are still in $from_dir/kubernetes"
		return 1
	}
	echo "All workloads have their spec and settings of then: $(wc -l <"$from_dir/kubernetes/workloads")"
}
