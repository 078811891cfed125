# shellcheck shell=sh
# differences prints what is not as it was, a line each; nothing when all is. Fails, with the reason as its last line, when
# Docker does not say what is there. Needs undo-state.sh.

git_differences() {
	[ -n "$from_commit" ] || return 0
	here=$(git rev-parse HEAD)
	branch=$(git symbolic-ref -q --short HEAD)
	[ "$here" = "$from_commit" ] || git --no-pager log --no-color -1 --format="commit: $(short "$here") is deployed, then it was %h %s (%cr)" "$from_commit"
	[ "$branch" = "$from_branch" ] || echo "branch: ${branch:-none (detached)}, then ${from_branch:-none (detached)}"
	then_changes | sed -n 's/^gone /local change that is gone: /p; s/^other /local change that is another now: /p'
	submodules_that_differ | while read -r head path; do echo "submodule $path: then at $(short "$head")"; done
}

service_differences() {
	[ -n "$from_containers" ] || return 0
	look_at_facts
	while IFS='|' read -r service number wanted image _ hash _; do
		id=$(container_of "$service" "$number")
		why=$(why_recreate "$id" "$image" "$hash" "$service" "$number")
		[ -z "$why" ] || echo "$service: $why"
		[ -n "$id" ] || continue
		! policy_differs "$service" "$number" || echo "$service: restart policy, then $(policy_then "$service" "$number")"
		if was_held "$service" "$number"; then
			is_held "$service" "$number" || echo "$service: can be started by anybody, then it was held"
		elif is_held "$service" "$number"; then
			echo "$service: is held, and was not then"
		fi
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
}

differences() {
	git_differences
	files_that_differ | sed 's/^/file: /'
	folders_gone | sed 's/^/folder that is gone: /'
	files_since | sed 's/^/file that was not there: /'
	service_differences
}
