# shellcheck shell=sh
# The ground that a plan rests on: what is deployed when it is made. Under the lock the first step of the run compares it
# with what is deployed then, so that nothing is done that nobody was shown.
#
# Needs ground-changed.sh. Reads deployment.sh's variables; ground_file: a file that the plan uses (a backup, an older .env), or nothing.

# ground: prints a line per fact, sorted.
ground() {
	{
		if head=$(git rev-parse --verify --quiet HEAD 2>/dev/null); then
			echo "commit: $head"
			echo "branch: $(git symbolic-ref --quiet --short HEAD || echo detached)"
		fi
		ground_ids=$(containers_of -a)
		# shellcheck disable=SC2086 # ids have no blanks
		[ -z "$ground_ids" ] || engine inspect --format '{{$labels := .Config.Labels}}container: {{index $labels "com.docker.compose.service"}} {{index $labels "com.docker.compose.container-number"}}, id {{printf "%.12s" .Id}}, image {{.Image}}, configuration {{printf "%.12s" (index $labels "com.docker.compose.config-hash")}}' $ground_ids
		{
			printf '%s\n' "${compose_files:-}" "${compose_env_files:-}"
			if [ -z "${compose_env_files:-}" ] && [ -z "${compose_command:-}" ]; then echo "${compose_directory:-$directory}/.env"; fi
		} | while IFS= read -r file; do
			[ -z "$file" ] || echo "file: $file $(file_mark "$file")"
		done
		# The whole model covers what these files include, extend and read. Without it the files themselves must do.
		if compose config >"${ground_scratch:?}" 2>/dev/null </dev/null; then
			echo "Compose's model: $(cksum <"$ground_scratch" | tr ' ' -)"
		fi
		rm -f -- "$ground_scratch"
		[ -z "${ground_file:-}" ] || echo "file: $ground_file $(file_mark "$ground_file")"
	} 2>/dev/null | LC_ALL=C sort
}

# ground_holds: compares with the plan's ground, in $plan_ground; prints the difference.
ground_holds() {
	ground_scratch=$run_dir/ground.model
	ground >"$run_dir/ground.now"
	printf '%s\n' "$plan_ground" >"$run_dir/ground.plan"
	! ground_is_same deployment || return 0
	# Compose's message about an .env that does not parse may contain a value from it.
	said=$(compose config -q 2>&1 </dev/null) ||
		printf '  now   Compose cannot read the files: %s\n' "$(printf '%s\n' "$said" | sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' | tail -n 1)"
	return 1
}
