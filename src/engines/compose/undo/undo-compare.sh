# shellcheck shell=sh
# Proves an undo: compares every container with the kept one, by Docker's facts. Fails with the differences, and also when there is nothing
# to compare with: unknown is not "as it was". Needs undo-state.sh.

if [ ! -s "$from_dir/container-facts" ]; then
	echo 'The restore point has no facts about its containers, so nothing proves that they are as they were. It contains:'
	echo "$from_dir/containers.json"
	exit 1
fi
look_at_facts
failed=0
while IFS='|' read -r service number _ _ _ _ name _; do
	id=$(container_of "$service" "$number")
	[ -n "$id" ] || {
		echo "$service ($number): has no container"
		failed=1
		continue
	}
	grep -q "^$service|$number$tab" "$from_dir/container-facts" || {
		echo "$service ($number): no facts about it were saved, so it cannot be compared"
		failed=1
		continue
	}
	! name_differs "$service" "$number" "$name" || {
		echo "$service ($number): is called $is_called; before it was $name"
		failed=1
	}
	differ=$(facts_that_differ "$service" "$number")
	[ -n "$differ" ] || continue
	failed=1
	printf '%s\n' "$differ" | sed "s/^/$service ($number): differs in /"
done <<-END
	$from_containers
END
names=$(names_that_differ) || exit 1
[ -z "$names" ] || printf '%s\n' "$names" | sed 's/^[^ ]* /image name differs: /'
[ "$failed" = 0 ] || {
	echo 'Not everything is as it was. The restore point still exists: the earlier containers are described in'
	echo "$from_dir/containers.json"
}
[ "$failed" != 0 ] || echo "All $(printf '%s\n' "$from_containers" | wc -l) containers are as they were: image, command, environment, mounts, ports, networks, restart policy"
exit "$failed"
