# shellcheck shell=sh
# service_differences: prints how containers, image names, networks and volumes differ from the restore point, a line each. Fails, with the
# reason as its last line, when Docker does not say what is there. Needs undo-container-state.sh and undo-created-state.sh.

service_differences() {
	[ -n "$from_containers" ] || return 0
	look_at_facts
	while IFS='|' read -r service number wanted image _ hash name _; do
		id=$(container_of "$service" "$number")
		why=$(why_recreate "$id" "$image" "$hash" "$service" "$number")
		[ -z "$why" ] || echo "$service: $why"
		[ -n "$id" ] || continue
		! policy_differs "$service" "$number" || echo "$service: restart policy, then $(policy_then "$service" "$number")"
		! name_differs "$service" "$number" "$name" || echo "$service: is called $is_called, then $name"
		if was_held "$service" "$number"; then
			is_held "$service" "$number" || echo "$service: can be started by anybody, then it was held"
		elif is_held "$service" "$number"; then
			echo "$service: is held, and was not then"
		fi
		! was_paused "$service" "$number" || [ "$(of_container "$service" "$number" 4)" = paused ] || echo "$service: is not paused, then it was"
		is=$(as_state "$(of_container "$service" "$number" 4)")
		[ "$is" = "$wanted" ] || echo "$service: $is, then $wanted"
	done <<-END
		$from_containers
	END
	containers_since | while read -r state service number _; do echo "$service: container $number did not exist before, now it is $state"; done
	names=$(names_that_differ 2>&1) || {
		echo "$names"
		return 1
	}
	printf '%s\n' "$names" | while read -r id name; do
		[ -n "$id" ] || continue
		if [ "$id" = none ]; then echo "image name $name: had no image before"; else echo "image name $name: before it was $(short "$id")"; fi
	done
	created=$(created_since) || {
		echo 'Docker does not say which networks and volumes there are'
		return 1
	}
	printf '%s\n' "$created" | while read -r kind name; do
		[ -z "$kind" ] || echo "$kind $name: did not exist before$([ "$kind" = network ] || echo '; kept if it contains files')"
	done
}
