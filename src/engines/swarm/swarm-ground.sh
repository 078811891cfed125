# shellcheck shell=sh
# The ground that a plan rests on: what the stack is when it is made. Under the lock the first step of the run compares it with what is there
# then. Needs json.sh, swarm.sh, ground-changed.sh and the function `git`. Reads: stack, directory, run_dir, plan_ground; ground_file: a file that the plan uses.

# ground: prints a line per fact, sorted: commit, services with the version and a sum of their spec, nodes, and the stack's configs and
# secrets. Fails when the engine does not say.
ground() {
	ground_services=$(service_rows) && ground_nodes=$(node_rows) && filter=$(of_stack) &&
		ground_configs=$(api GET "/configs?$filter") && ground_secrets=$(api GET "/secrets?$filter") || return
	{
		if head=$(git rev-parse --verify --quiet HEAD 2>/dev/null); then
			echo "commit: $head"
			echo "branch: $(git symbolic-ref --quiet --short HEAD || echo detached)"
		fi
		printf '%s\n' "$ground_services" | awk -F '\t' 'NF { printf "service: %s, id %s, version %s, spec %s, update %s, image %s\n", $1, $2, $3, $7, $6, $4 }'
		printf '%s\n' "$ground_nodes" | awk -F '\t' 'NF { printf "node: %s, id %s, %s, %s, %s\n", $1, $2, $3, $4, $5 }'
		printf '%s\n' "$ground_configs" | json_rows Spec.Name ID | awk -F '\t' '{ printf "config: %s, id %s\n", $1, $2 }'
		printf '%s\n' "$ground_secrets" | json_rows Spec.Name ID | awk -F '\t' '{ printf "secret: %s, id %s\n", $1, $2 }'
		[ -z "${ground_file:-}" ] || echo "file: $ground_file $(file_mark "$ground_file" 2>/dev/null)"
	} | LC_ALL=C sort
}

# without_versions: leaves out the versions: Docker counts them up for its own updates too, and the sum of the spec says what a person changed.
without_versions() { sed 's/^\(service: .*\), version [0-9]*, /\1, /'; }

# ground_holds: compares with the plan's ground, in $plan_ground; prints the difference.
ground_holds() {
	ground >"$run_dir/ground.all" || {
		echo 'The engine does not say what is there, so nothing was changed'
		return 1
	}
	without_versions <"$run_dir/ground.all" >"$run_dir/ground.now"
	printf '%s\n' "$plan_ground" | without_versions >"$run_dir/ground.plan"
	rm -f -- "$run_dir/ground.all"
	ground_is_same stack
}
