# shellcheck shell=sh disable=SC2154 # the variables of a step
# What the start of a commit owes to others than Compose: the names that containers were given by hand, and the restart of services that
# depend on a recreated one (depends_on with restart: true), which Compose leaves out where it is told what to start.
# Needs deployment.sh. Reads, from the plan (lists: one a line):
#   plan_names     SERVICE TAB NUMBER TAB NAME, of containers that somebody has renamed
#   plan_restart   services that are restarted after what they depend on
#   plan_start     services whose containers were made anew, and started

# numbered SERVICE NUMBER: prints the id of that container.
numbered() {
	engine ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \
		--filter "label=com.docker.compose.service=$1" --filter "label=com.docker.compose.container-number=$2"
}

# give_names_by_hand: gives the new containers the names that somebody had given the old ones.
give_names_by_hand() {
	failed_names=0
	while IFS=$tab read -r service number name; do
		[ -n "$name" ] || continue
		id=$(numbered "$service" "$number" | head -n 1)
		[ -n "$id" ] && [ "$(engine inspect --format '{{.Name}}' "$id")" != "/$name" ] || continue
		if engine rename "$id" "$name"; then echo "The container of $service is called $name again"; else failed_names=1; fi
	done <<-END
		${plan_names:-}
	END
	return "$failed_names"
}

# is_starting: succeeds while the health check of a started container has not decided.
is_starting() {
	for service in ${plan_start:-}; do
		for id in $(containers_of "$service"); do
			[ "$(engine inspect --format '{{if index .State "Health"}}{{.State.Health.Status}}{{end}}' "$id" 2>/dev/null)" != starting ] || return 0
		done
	done
	return 1
}

# restart_dependents: restarts what runs of those services, when what they depend on is ready, or after two minutes.
restart_dependents() {
	[ -n "${plan_restart:-}" ] || return 0
	# An undo has to restart them as well.
	printf '%s\n' "$plan_restart" >"$restore_dir/restarts"
	until=$(($(date +%s) + 120))
	while is_starting && [ "$(date +%s)" -lt "$until" ]; do sleep 1; done
	failed_restarts=0
	for service in $plan_restart; do
		for id in $(containers_of "$service"); do
			if engine_timeout=120 engine restart "$id" >/dev/null; then
				echo "Restarted $service, as it depends on what was recreated"
			else
				echo "$service could not be restarted"
				failed_restarts=1
			fi
		done
	done
	return "$failed_restarts"
}
