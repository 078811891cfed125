# shellcheck shell=sh
# Takes a stack back to a restore point: every service to its whole spec of then, nodes to their availability. Needs json.sh, swarm.sh,
# swarm-keep.sh, swarm-converge.sh, swarm-put.sh, swarm-rollback.sh and swarm-updates.sh. Reads: stack, from_dir (the restore point),
# from_interrupts (services, with blanks between), run_dir, state_dir.

# service_differences: prints how services and nodes differ from the restore point, a line each. Fails when the engine does not say.
service_differences() {
	undo_then=$from_dir/swarm
	[ -s "$undo_then/services" ] || return 0
	undo_rows=$(service_rows) && undo_nodes=$(node_rows) || {
		echo 'Docker does not say what is there'
		return 1
	}
	while IFS='	' read -r name _ _ image replicas _; do
		row=$(printf '%s\n' "$undo_rows" | awk -F '\t' -v name="$name" '$1 == name')
		[ -n "$row" ] || {
			echo "$name: there is no such service, then it ran $image"
			continue
		}
		differs=$(spec_differs "$name" "$row" "$image" "$replicas")
		[ -z "$differs" ] || printf '%s\n' "$differs"
	done <"$undo_then/services"
	printf '%s\n' "$undo_rows" | cut -f 1 | while IFS= read -r name; do
		[ -z "$name" ] || cut -f 1 "$undo_then/services" | grep -qxF -e "$name" || echo "$name: was not part of the stack then"
	done
	while IFS='	' read -r host id availability; do
		is=$(printf '%s\n' "$undo_nodes" | awk -F '\t' -v id="$id" '$2 == id { print $4 }')
		[ -z "$is" ] || [ "$is" = "$availability" ] || echo "node $host: $is, then $availability"
	done <"$undo_then/nodes"
}

# spec_differs SERVICE ROW IMAGE REPLICAS: prints in what the service differs from the kept spec, with the ids that its configs have now.
spec_differs() {
	fits=$(fitting_spec "$undo_then" "$1" look 2>/dev/null) || fits=$(cat -- "$undo_then/spec/$1.json")
	is=$(printf '%s\n' "$2" | cut -f 9 | json_set TaskTemplate.ForceUpdate 0)
	if [ "$is" != "$(printf '%s\n' "$fits" | json_set TaskTemplate.ForceUpdate 0)" ]; then
		image_now=$(printf '%s\n' "$2" | cut -f 4) replicas_now=$(printf '%s\n' "$2" | cut -f 5)
		if [ "$image_now" != "$3" ]; then
			echo "$1: runs $image_now, then $3"
		elif [ "$replicas_now" != "$4" ]; then
			echo "$1: $replicas_now tasks, then $4"
		else
			echo "$1: its spec is another one"
		fi
	fi
}

# look_specs: succeeds if every spec of the restore point can be put back, with its configs, secrets and networks.
look_specs() {
	[ -s "$from_dir/swarm/services" ] || {
		echo 'the restore point has no services'
		return 1
	}
	specs_fit "$from_dir/swarm" 2>&1 && echo 'every config, secret and network of then is there, or can be made anew'
}

# look_images: succeeds if this host has the images of then, or they have a digest by which every node can pull them.
look_images() {
	missing=
	for image in $(cut -f 4 "$from_dir/swarm/services" | sort -u); do
		case $image in *@sha256:*) continue ;; esac
		engine image inspect --format '{{.Id}}' -- "$image" >/dev/null 2>&1 || missing="$missing $image"
	done
	[ -z "$missing" ] || {
		echo "no longer on this host, and without a digest:$missing"
		return 1
	}
	echo 'they are here, or have a digest'
}

# stop_interrupted: scales the services in $from_interrupts to 0, and waits until none of their tasks runs: undo scripts work on their data.
stop_interrupted() {
	for name in $from_interrupts; do
		row=$(service_row "$name" 2>/dev/null) && [ "$(printf '%s\n' "$row" | cut -f 5)" != - ] || continue
		scale_service "$name" 0 && wait_converged 90 0 "$name" || return
	done
}

# put_services_back: every service that differs, in order, each replaced before the next; then the nodes. It goes on after a service that
# cannot be put back, and fails at the end. One that does not converge is no failure: its spec of then may be one that crashes.
put_services_back() {
	back_failed=0
	for back in $(in_order "$from_dir/swarm"); do
		(umask 077 && fitting_spec "$from_dir/swarm" "$back" >"$run_dir/undo.json") || {
			back_failed=1
			continue
		}
		if same_work "$back" "$run_dir/undo.json"; then
			echo "$back: is as it was"
		elif roll_back_to_spec "$from_dir/swarm" "$back"; then
			# In the middle of an update the verification would take what Docker has not started yet for what is down.
			until_replaced=1 follow_update "${service_limit:-180}" 0 "$back" || echo "$back: its tasks are replaced, as far as Docker does it"
		else
			back_failed=1
		fi
		rm -f -- "$run_dir/undo.json"
	done
	for back in $(service_rows | cut -f 1); do
		cut -f 1 "$from_dir/swarm/services" | grep -qxF -e "$back" || remove_since "$back" || back_failed=1
	done
	while IFS='	' read -r host id availability; do
		row=$(node_row "$id") || {
			echo "node $host: is not in the Swarm any more"
			continue
		}
		[ "$(printf '%s\n' "$row" | cut -f 4)" = "$availability" ] || set_availability "$id" "$availability" || back_failed=1
	done <"$from_dir/swarm/nodes"
	return "$back_failed"
}

# remove_since SERVICE: removes a service that did not exist then. Its spec is in the restore point of this undo.
remove_since() {
	row=$(service_row "$1") && engine service rm "$(printf '%s\n' "$row" | cut -f 2)" >/dev/null && echo "$1: did not exist before; removed"
}

# compare_with_point: proves an undo. Fails with the differences, and where there is nothing to compare with.
compare_with_point() {
	[ -s "$from_dir/swarm/services" ] || {
		echo 'The restore point has no services, so nothing proves that they are as they were'
		return 1
	}
	undo_says=$(service_differences) || {
		printf '%s\n' "$undo_says"
		return 1
	}
	[ -z "$undo_says" ] || {
		printf '%s\n' "$undo_says"
		echo "Not everything is as it was. The specs of then are still in $from_dir/swarm"
		return 1
	}
	echo "All $(wc -l <"$from_dir/swarm/services") services have their spec of then"
}
