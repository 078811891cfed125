# shellcheck shell=sh disable=SC2154 # the variables of a step
# What has to give way before the containers of a commit start: services that the commit does not have, which may hold a port of one that it
# has under another name, and containers with a name that another service has there. Needs deployment.sh.
# Reads, from the plan (lists: one a line):
#   plan_stop      services that are not part of the deployment any more, or scaled to 0: stopped, their containers kept
#   plan_names_taken  SERVICE TAB NAME, of containers whose name another service has afterwards

# stop_what_leaves: stops the containers of these services, and keeps them.
stop_what_leaves() {
	failed_stops=0
	for service in ${plan_stop:-}; do
		for id in $(containers_of -a "$service"); do
			# Otherwise Docker would start it after a restart of the host. An undo restores its policy.
			mkdir -p "$restore_dir/undo" || return
			engine inspect --format '{{.Id}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}' "$id" >>"$restore_dir/undo/stopped-policies"
			# shellcheck disable=SC2016 # expanded when it is undone
			printf '%s\n' 'while read -r id policy tries; do
	[ -n "$policy" ] || policy=no
	[ "$policy" != on-failure ] || [ "${tries:-0}" = 0 ] || policy=$policy:$tries
	engine update --restart "$policy" "$id" >/dev/null || echo "container $id is gone: nothing to restore"
done <"$from_dir/undo/stopped-policies"' >"$restore_dir/undo/30-stopped-policies.sh"
			engine update --restart no "$id" >/dev/null
			engine_timeout=90 engine stop -t 30 "$id" >/dev/null && echo "Stopped a container of $service, which the deployment does not run at this commit; it is kept" || failed_stops=1
		done
	done
	return "$failed_stops"
}

# give_names_free: renames containers whose names other services have afterwards. An undo gives them back (undo-since.sh).
give_names_free() {
	while IFS=$tab read -r service name; do
		# A run that is retried may have done it.
		[ -n "$name" ] && [ "$(engine inspect --type container --format '{{index .Config.Labels "com.docker.compose.service"}}' "$name" 2>/dev/null)" = "$service" ] || continue
		engine rename "$name" "$name-until-$run_id" && echo "$name is called $name-until-$run_id now: another service has its name at this commit" || return
	done <<-END
		${plan_names_taken:-}
	END
}
