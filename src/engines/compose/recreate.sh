# shellcheck shell=sh disable=SC2154 # the plan's variables, and those of a step
# Makes containers again from another image where there are no Compose files: by Docker's API, with all settings that they have. The old
# container stays beside the new one, under another name, until the new one has proven that it runs; if it does not, the old one
# comes back as it was. Needs deployment.sh, creation.sh, rollout.sh and the restore point of the run.
#
# Reads, from the plan: plan_images, plan_start and plan_create, as rollout.sh does; a service is listed after those whose network it uses.

# A line for each part that an image may have given: a variable, a label, an option of the health check.
# shellcheck disable=SC2016 # a Go template
parts_template='{{$config := index . "Config"}}{{range $key, $value := $config}}key{{"\t"}}{{$key}}{{"\t"}}{{json $value}}
{{end}}{{range index $config "Env"}}Env{{"\t"}}{{json .}}
{{end}}{{range $key, $value := index $config "Labels"}}Labels{{"\t"}}{{json $key}}{{"\t"}}{{json $value}}
{{end}}{{range $key, $value := index $config "ExposedPorts"}}ExposedPorts{{"\t"}}{{json $key}}{{"\t"}}{{json $value}}
{{end}}{{range $key, $value := index $config "Volumes"}}Volumes{{"\t"}}{{json $key}}{{"\t"}}{{json $value}}
{{end}}{{range $key, $value := index $config "Healthcheck"}}Healthcheck{{"\t"}}{{json $key}}{{"\t"}}{{json $value}}
{{end}}'

# config_from CONTAINER IMAGE-NAME: prints the container's configuration as JSON, for the other image: without what its own image gave it,
# which the other image gives in its own way. Docker merges the two by the same parts.
config_from() {
	own=$(engine inspect --type container --format '{{.Image}}' "$1") && other=$(image_id "$2") && [ -n "$other" ] || return
	engine image inspect --format "$parts_template" "$own" >"$run_dir/parts.image" &&
		engine inspect --type container --format "$parts_template" "$1" >"$run_dir/parts.container" || return
	LC_ALL=C awk -F '\t' -v name="$2" -v id="$other" '
		NR == FNR { given[$0] = 1; if ($1 == "key") image[$2] = $3; next }
		$1 == "key" {
			has[$2] = $3; order[++keys] = $2
			next
		}
		{
			if ($1 == "Labels" && $2 == "\"com.docker.compose.image\"") $0 = $1 "\t" $2 "\t\"" id "\""
			else if ($0 in given) next
			part[$1] = part[$1] (part[$1] == "" ? "" : ",") ($1 == "Env" ? $2 : $2 ":" substr($0, length($1) + length($2) + 3))
		}
		END {
			# An entry point that the owner gives takes the command of the image away, also if it is that of the image.
			keeps = has["Entrypoint"] == image["Entrypoint"] && !(has["Cmd"] == "null" && image["Cmd"] != "null" && image["Cmd"] != "")
			for (n = 1; n <= keys; n++) {
				key = order[n]; value = has[key]
				if (key == "Image") value = "\"" name "\""
				else if (key == "Env") value = "[" part[key] "]"
				else if (key == "Labels" || key == "ExposedPorts" || key == "Volumes") value = "{" part[key] "}"
				else if (key == "Healthcheck") { if (part[key] == "") continue; value = "{" part[key] "}" }
				else if (key == "Entrypoint") { if (keeps) continue }
				else if (key == "Cmd") { if (keeps && value == image[key]) continue }
				else if (key ~ /^(User|WorkingDir|StopSignal|Shell|OnBuild|ArgsEscaped)$/ && value == image[key]) continue
				out = out (out == "" ? "" : ",") "\"" key "\":" value
			}
			print "{" out "}"
		}' "$run_dir/parts.image" "$run_dir/parts.container"
	rm -f -- "$run_dir/parts.image" "$run_dir/parts.container"
}

# replaced FIELDS: prints fields of the containers that are replaced: 1 SERVICE|NUMBER, 2 the id of the old one, 3 its name, 4 whether it runs
# (true or false), 5 what becomes of the new one (started or stopped), 6 the id of the new one.
replaced() { cut -f "$1" "$run_dir/replaced" 2>/dev/null; }

# make_beside SERVICE NUMBER STATE: creates the new container, in the place of the old one, which gets another name and goes on running.
make_beside() {
	then_of=$(created_with "$1" "$2" id)
	kept_name=${then_of#* /} then_of=${then_of%% *}
	runs=$(engine inspect --format '{{.State.Running}}' "$then_of") && config=$(config_from "$then_of" "$(name_of "$1")") || {
		echo "Docker does not say how $kept_name was created, or what $(name_of "$1") is"
		return 1
	}
	printf '%s\t%s\t%s\t%s\t%s\n' "$1|$2" "$then_of" "$kept_name" "$runs" "$3" >>"$run_dir/replaced"
	engine rename "$then_of" "$kept_name-until-$run_id" || return
	if create_container "$kept_name" "$1" "$2" "$config"; then
		sed "s#^$1|$2$tab.*#&$tab$new#" "$run_dir/replaced" >"$run_dir/replaced.new" && mv -f -- "$run_dir/replaced.new" "$run_dir/replaced"
		echo "Created $kept_name from $(name_of "$1")"
		return
	fi
	echo "Docker does not create $kept_name: $said"
	return 1
}

# bring_back: removes the new containers, and gives the old ones their names and states back.
bring_back() {
	trap '' HUP INT TERM
	failed=0
	# By their names, as an id may not have been noted any more.
	for name in $(replaced 3 | sed '1!G;h;$!d'); do
		new=$(engine inspect --type container --format '{{.Id}}' "$name" 2>/dev/null) || continue
		replaced 2 | grep -qxF -e "$new" || engine_timeout=60 engine rm -f "$new" >/dev/null || failed=1
	done
	while IFS=$tab read -r _ old name runs _; do
		[ "$(engine inspect --format '{{.Name}}' "$old")" = "/$name" ] || engine rename "$old" "$name" || failed=1
		[ "$runs" != true ] || engine start "$old" >/dev/null || failed=1
	done <"$run_dir/replaced"
	rm -f -- "$run_dir/replaced"
	if [ "$failed" = 0 ]; then
		echo 'The containers from before are back, as they were'
	else
		echo "Not every container from before is back: undo this run, or look for names that end in -until-$run_id"
	fi
}

# proven IDS: waits until they have run for five seconds without a restart, and are healthy where they have a health check. One that is still
# starting after two minutes is left to the verification.
proven() {
	seconds=0
	while :; do
		# shellcheck disable=SC2086 # ids have no blanks
		said=$(engine inspect --format '{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{end}} {{.Name}}' $1) || return
		bad=$(printf '%s\n' "$said" | awk '$1 != "running" || $2 != 0 || $3 == "unhealthy" { sub("^/", "", $NF); print $NF " is " ($3 == "unhealthy" ? $3 : $1) }')
		[ -z "$bad" ] || {
			printf '%s\n' "$bad"
			for id in $1; do engine logs --tail 10 "$id" 2>&1; done
			return 1
		}
		[ "$seconds" -lt 5 ] || { [ "$seconds" -lt 120 ] && printf '%s\n' "$said" | grep -q ' starting '; } || return 0
		seconds=$((seconds + 1))
		sleep 1
	done
}

# exchange: stops the old containers, starts the new ones, and waits until these have proven themselves.
exchange() {
	for old in $(replaced 2,4 | sed -n "s/${tab}true\$//p" | sed '1!G;h;$!d'); do
		timeout 90 docker stop "$old" >/dev/null </dev/null || return
	done
	started=$(replaced 5,6 | sed -n "s/^started$tab//p")
	for new in $started; do
		said=$(engine start "$new" 2>&1 >/dev/null) || {
			printf '%s\n' "$said"
			return 1
		}
	done
	[ -z "$started" ] || proven "$started"
}

# recreate_by_engine: recreates the containers of the plan from the images of the plan.
recreate_by_engine() (
	needs_plan || exit
	# shellcheck disable=SC2034 # creation.sh reads it
	from_dir=$restore_dir
	[ -s "$restore_dir/creation" ] || {
		echo 'The restore point does not say how the containers were created: nothing was changed'
		exit 1
	}
	# Of containers that were replaced a moment ago it is the new one.
	# shellcheck disable=SC2317 # creation.sh calls it
	container_of() {
		awk -F '\t' -v who="$1|$2" '$1 == who && $6 != "" { print $6 }' "$run_dir/replaced" | grep . || created_with "$1" "$2" id | cut -d ' ' -f 1
	}
	: >"$run_dir/replaced"
	trap 'bring_back; exit 143' HUP INT TERM
	for service in $plan_start $plan_create; do
		keep_log "$service"
		state=started
		! printf '%s\n' "$plan_create" | grep -qxF -e "$service" || state=stopped
		# shellcheck disable=SC2013 # numbers
		for number in $(sed -n "s#^$service|\([^$tab]*\)${tab}id$tab.*#\1#p" "$restore_dir/creation"); do
			make_beside "$service" "$number" "$state" || {
				bring_back
				exit 1
			}
		done
	done
	exchange || {
		bring_back
		exit 1
	}
	trap '' HUP INT TERM
	for old in $(replaced 2); do engine rm "$old" >/dev/null || echo "Docker does not remove $old, which is stopped"; done
	replaced 3 | sed 's/$/ is made from the other image/'
	rm -f -- "$run_dir/replaced"
)
