# shellcheck shell=sh
# Restores restart policies, starts what ran, and stops what was stopped; holds what was held, and nothing else (hold.sh). Needs
# deployment.sh, undo-state.sh.

failed=0 changed=0
look_at_facts
# This is first, as holding notes the restart policy and sets it to no.
while IFS='|' read -r service number _; do
	id=$(container_of "$service" "$number")
	[ -n "$id" ] || continue
	if was_held "$service" "$number" && ! is_held "$service" "$number"; then
		changed=1
		{ [ "$(state_of "$id")" = stopped ] || timeout 90 docker stop -t 30 "$id" >/dev/null </dev/null; } &&
			not_restarted "$id" && hold "$id" && take_names "$id" && echo "$service is held again" || failed=1
	elif is_held "$service" "$number" && ! was_held "$service" "$number"; then
		changed=1
		release "$id" || failed=1
	fi
done <<-END
	$from_containers
END
look_at_facts
while IFS='|' read -r service number wanted _; do
	id=$(container_of "$service" "$number")
	if [ -z "$id" ]; then
		echo "$service has no container; it was $wanted before"
		failed=1
		continue
	fi
	if policy_differs "$service" "$number" && policy=$(policy_then "$service" "$number") && [ -n "$policy" ]; then
		engine update --restart "$policy" "$id" >/dev/null && echo "$service has its restart policy again: $policy" || failed=1
		changed=1
	fi
	[ "$(state_of "$id")" != "$wanted" ] || continue
	changed=1
	if [ "$wanted" = stopped ]; then
		timeout 90 docker stop -t 30 "$id" >/dev/null </dev/null && echo "Stopped $service" || failed=1
	fi
done <<-END
	$from_containers
END
# In turns: a container that shares another's network starts only after that one.
turns=30 before=''
while :; do
	waiting='' lost=''
	: >"$run_dir/start.err"
	while IFS='|' read -r service number wanted _; do
		[ "$wanted" = running ] || continue
		id=$(container_of "$service" "$number")
		[ -n "$id" ] && [ "$(state_of "$id")" != running ] || continue
		if engine start "$id" >/dev/null 2>>"$run_dir/start.err"; then
			echo "Started $service"
		elif is_past_starting "$service" "$number"; then
			lost="$lost $service"
		else
			waiting="$waiting $service"
		fi
	done <<-END
		$from_containers
	END
	[ -n "$waiting" ] || break
	if grep -q ' is restarting' "$run_dir/start.err"; then
		# The other one is being started again at this moment.
		turns=$((turns - 1))
		[ "$turns" -gt 0 ] || break
		sleep 1
	elif [ "$waiting" = "$before" ]; then
		break
	fi
	before=$waiting
done
[ -z "$waiting" ] || {
	echo "These do not start:$waiting. $(cat "$run_dir/start.err")"
	failed=1
}
[ -z "$lost" ] || {
	# The rest of the undo goes on; verification finds them stopped.
	echo "Nobody can start these again:$lost. Each used the network of a container that was stopped or removed before the run."
	echo "${compose_command:-docker compose} up -d$lost creates and starts them with what they depend on."
}
while IFS='|' read -r service number _; do
	was_paused "$service" "$number" || continue
	id=$(container_of "$service" "$number")
	[ "$(engine inspect --format '{{.State.Status}}' "$id" 2>/dev/null)" = running ] || continue
	changed=1
	if engine pause "$id" >/dev/null; then echo "$service is paused again"; else failed=1; fi
done <<-END
	$from_containers
END
# What a job does, as in a volume, is that of the undone version until it runs again.
not_run=$(sed -n 's/ exited 0$//p' "$from_dir/states" 2>/dev/null | while IFS='|' read -r service number; do
	grep -q "[\",]$service:service_completed_successfully" "$from_dir/creation" 2>/dev/null || continue
	[ "$(engine inspect --format '{{.State.Status}}' "$(container_of "$service" "$number")" 2>/dev/null)" = created ] && echo "$service"
done | sort -u | tr '\n' ' ')
[ -z "$not_run" ] || {
	echo "Made anew, and not run again: $not_run"
	fact not_run_again "${not_run% }"
}
# The undone run had restarted these after what they depend on, which is recreated now.
if [ -s "$from_dir/restarts" ]; then
	cp -- "$from_dir/restarts" "$restore_dir/restarts" || failed=1
	again=$(cat "$run_dir/recreated" 2>/dev/null)
	for service in $([ -z "${again## }" ] || cat "$from_dir/restarts"); do
		case $again in *" $service "*) continue ;; esac
		for id in $(containers_of "$service"); do
			changed=1
			if engine_timeout=120 engine restart "$id" >/dev/null; then echo "Restarted $service, as it depends on what was recreated"; else failed=1; fi
		done
	done
fi
[ "$changed" != 0 ] || echo 'All containers are back in their earlier state'
exit "$failed"
