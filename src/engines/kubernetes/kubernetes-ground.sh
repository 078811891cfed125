# shellcheck shell=sh
# The ground that a plan rests on: what the deployment is when it is made. Under the lock the first step of the run compares it with what is
# there then. Needs cluster.sh, json.sh, kubernetes.sh, kubernetes-settings.sh, ground-changed.sh and the function `git`. Reads:
# directory, run_dir, plan_ground; ground_file: a file that the plan uses.

# ground: prints a line per fact, sorted: commit, workloads with their uid, version and a sum of their spec, who scales them, and the settings
# that they name. Fails when the API server does not say.
ground() {
	ground_rows=$(workload_rows) || return
	# Without the right to list them there are none that the plan knows.
	ground_scaled=$(autoscaler_rows 2>/dev/null) || ground_scaled=
	ground_named=$(printf '%s\n' "$ground_rows" | cut -f 12 | sed '/^$/d' | while IFS= read -r spec; do printf '%s\n' "$spec" | settings_of; done | LC_ALL=C sort -u)
	{
		if head=$(git rev-parse --verify --quiet HEAD 2>/dev/null); then
			echo "commit: $head"
			echo "branch: $(git symbolic-ref --quiet --short HEAD || echo detached)"
		fi
		{
			printf '%s\n' "$ground_scaled" | sed 's/^/scaled	/'
			printf '%s\n' "$ground_rows" | sed 's/^/workload	/'
		} | awk -F '\t' '
			$1 == "scaled" { if ($2 != "") { by[$2] = $3; print "autoscaler: " $3 ", scales " $2 ", " $4 " to " $5 } next }
			$2 == "" { next }
			# How many run is no decision of a person where an autoscaler makes it.
			{ printf "workload: %s, uid %s, generation %s, spec %s, replicas %s, %s, image %s\n", $3, $4, $6, $10, ($3 in by) ? "by " by[$3] : $7, $11 == "true" ? "paused" : "not paused", $8 }'
		ground_settings configmap
		ground_settings secret
		[ -z "${ground_file:-}" ] || echo "file: $ground_file $(file_mark "$ground_file" 2>/dev/null)"
	} | LC_ALL=C sort
}

# ground_settings KIND: prints the named settings of this kind with their version, in one request.
ground_settings() {
	# shellcheck disable=SC2046 # a name is a word
	set -- "$1" $(printf '%s\n' "$ground_named" | sed -n "s/^$1 //p")
	[ $# -gt 1 ] || return 0
	ground_kind=$1
	said=$(cluster_said get "$@" --ignore-not-found -o 'go-template={{if .items}}{{range .items}}{{.metadata.name}} {{.metadata.resourceVersion}}{{"\n"}}{{end}}{{else if .metadata.name}}{{.metadata.name}} {{.metadata.resourceVersion}}{{"\n"}}{{end}}' 2>&1) || said=
	shift
	for ground_name in "$@"; do
		echo "$ground_kind: $ground_name, version $(printf '%s\n' "$said" | awk -v name="$ground_name" '$1 == name { print $2; found = 1; exit } END { if (!found) print "not known" }')"
	done
}

# without_generations: leaves out the generations: they count every change, and the sum of the spec says what was changed.
without_generations() { sed 's/^\(workload: .*\), generation [0-9]*, /\1, /'; }

# ground_holds: compares with the plan's ground, in $plan_ground; prints the difference.
ground_holds() {
	ground >"$run_dir/ground.all" || {
		echo 'The API server does not say what is there, so nothing was changed'
		return 1
	}
	without_generations <"$run_dir/ground.all" >"$run_dir/ground.now"
	printf '%s\n' "$plan_ground" | without_generations >"$run_dir/ground.plan"
	rm -f -- "$run_dir/ground.all"
	ground_is_same deployment
}
