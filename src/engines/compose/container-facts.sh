# shellcheck shell=sh
# facts_of_containers prints what each container of the project was made with, a line a fact, sorted: SERVICE|NUMBER TAB
# ASPECT TAB VALUE, values as JSON. The same facts as container-facts.ts knows, in a form that two looks at a host can be
# compared in, where there is nothing but a shell. The values of variables are in it: a file of them is for its owner.
# With -i it also prints what is no fact but another one after every start: a line `id`, with ID STATE CONFIG-HASH NAME.
# Of two containers with the same number one counts (set_doubles_apart).
# Fails when Docker does not answer, or does not say of every container what it was made with: without facts nothing is
# known, which is not the same as no difference. All containers are asked for in one call.
# Podman shows HOSTNAME among the variables, which is a new one for each container: it is no fact where it is the container's id.
# Docker and Compose give a container names in its networks by themselves, also one that is new for each container: those are no facts.
# The template asks for what may be missing by `index`: Docker leaves out what is empty.
# Needs deployment.sh.
# shellcheck disable=SC2016 # Go templates have variables of their own

facts_template='{{$config := .Config}}{{$host := .HostConfig}}{{$labels := index $config "Labels"}}{{$who := printf "%v|%v\t" (index $labels "com.docker.compose.service") (index $labels "com.docker.compose.container-number")}}
{{$who}}id{{"\t"}}{{.Id}} {{.State.Status}} {{with index $labels "com.docker.compose.config-hash"}}{{.}}{{else}}-{{end}} {{.Name}}
{{with .Image}}{{$who}}image{{"\t"}}{{.}}
{{end}}{{$who}}entrypoint{{"\t"}}{{json (index $config "Entrypoint")}}
{{$who}}command{{"\t"}}{{json (index $config "Cmd")}}
{{$who}}user{{"\t"}}{{json (index $config "User")}}
{{$who}}working directory{{"\t"}}{{json (index $config "WorkingDir")}}
{{$who}}healthcheck{{"\t"}}{{json (index $config "Healthcheck")}}
{{$who}}stop signal{{"\t"}}{{json (index $config "StopSignal")}} {{json (index $config "StopTimeout")}}
{{$who}}restart policy{{"\t"}}{{or .HostConfig.RestartPolicy.Name "no"}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}
{{$who}}network mode{{"\t"}}{{.HostConfig.NetworkMode}}
{{$who}}ipc mode{{"\t"}}{{index $host "IpcMode"}}
{{$who}}pid mode{{"\t"}}{{index $host "PidMode"}}
{{range index $host "VolumesFrom"}}{{$who}}volumes mode{{"\t"}}container:{{.}}
{{end}}{{$who}}privileged{{"\t"}}{{json (index $host "Privileged")}} {{json (index $host "ReadonlyRootfs")}}
{{$who}}capabilities{{"\t"}}{{json (index $host "CapAdd")}} {{json (index $host "CapDrop")}} {{json (index $host "SecurityOpt")}}
{{$who}}limits{{"\t"}}{{json (index $host "Memory")}} {{json (index $host "NanoCpus")}} {{json (index $host "Ulimits")}} {{json (index $host "PidsLimit")}}
{{$who}}shares{{"\t"}}{{json (index $host "MemoryReservation")}} {{json (index $host "MemorySwap")}} {{json (index $host "CpuShares")}} {{json (index $host "CpuQuota")}} {{json (index $host "CpusetCpus")}} {{json (index $host "BlkioWeight")}}
{{$who}}extra hosts{{"\t"}}{{json (index $host "ExtraHosts")}}
{{$who}}tmpfs{{"\t"}}{{json (index $host "Tmpfs")}}
{{range .Config.Env}}{{$who}}environment{{"\t"}}{{json .}}
{{end}}{{range .Mounts}}{{$who}}mount{{"\t"}}{{.Destination}} {{.Type}} {{if eq .Type "volume"}}{{.Name}}{{else}}{{.Source}}{{end}} {{.RW}}
{{end}}{{range $port, $all := .HostConfig.PortBindings}}{{$who}}port{{"\t"}}{{$port}}{{range $all}} {{.HostIp}}:{{.HostPort}}{{end}}
{{end}}{{range $name, $network := .NetworkSettings.Networks}}{{$who}}network{{"\t"}}{{$name}}
{{end}}{{$who}}aliases{{"\t"}}{{index $labels "com.docker.compose.project"}}{{range $name, $network := .NetworkSettings.Networks}}{{with $network}}{{range index . "Aliases"}} {{$name}}/{{.}}{{end}}{{end}}{{end}}
{{$who}}addresses{{"\t"}}{{range $name, $network := .NetworkSettings.Networks}}{{with $network}}{{with index . "IPAMConfig"}}{{range $key, $address := .}}{{if and $address (or (eq $key "IPv4Address") (eq $key "IPv6Address"))}} {{$name}}/{{$address}}{{end}}{{end}}{{end}}{{end}}{{end}}
{{range $name, $value := .Config.Labels}}{{$who}}label{{"\t"}}{{$name}}={{json $value}}
{{end}}'

facts_of_containers() {
	tab=$(printf '\t')
	for attempt in 1 2 3; do
		facts_ids=$(containers_of -a) || return 1
		[ -n "$facts_ids" ] || return 0
		# shellcheck disable=SC2086 # ids have no blanks
		facts_said=$(engine inspect --type container --format "$facts_template" $facts_ids 2>/dev/null) && break
		# A container that was removed between the two calls is not asked for again.
		[ "$attempt" != 3 ] || return 1
	done
	for id in $facts_ids; do
		case $facts_said in *"${tab}id$tab$id "*) ;; *) return 1 ;; esac
	done
	printf '%s\n' "$facts_said" | grep -v "^\$\|^[^$tab]*${tab}label${tab}com\.docker\.compose\." | set_doubles_apart | namespaces_by_service |
		{ if [ "${1:-}" = -i ]; then cat; else grep -v "^[^$tab]*${tab}id$tab"; fi; } | LC_ALL=C sort
}

# set_doubles_apart: Compose creates a container as OLD-ID_NAME, and gives it the name of the old one when that is removed. Where it was
# killed in between, two containers have the same service and number. One keeps them: that of the restore point which is being restored, else
# the one that runs, else the one with the plain name. The number of the other gets its id, so that no other container has it.
# Reads: from_dir, which may be missing.
set_doubles_apart() {
	kept_ids="${from_dir:+$from_dir/containers}" awk -F "$tab" '
		BEGIN {
			kept = ENVIRON["kept_ids"]
			while (kept != "" && (getline id <kept) > 0) was_kept[id] = 1
			twelve = "[0-9a-f]"; twelve = twelve twelve twelve; twelve = twelve twelve twelve twelve
		}
		# Reads: is, the words of the id line of that container.
		function by_hand_or_file(all, who, one, words, part, name, given, count, n) {
			split(who, part, "|")
			count = split(all, words, " ")
			name = substr(is[4], 2)
			sub("^" twelve "_", "", name)
			for (n = 2; n <= count; n++) {
				one = words[n]
				sub(/^[^\/]*\//, "", one)
				if (words[n] ~ /^held-by-backout\// || one == substr(is[1], 1, 12) || one == part[1] || one == name || one == substr(is[4], 2)) continue
				if (one == words[1] "-" part[1] "-" part[2] || one == words[1] "_" part[1] "_" part[2]) continue
				given = given " " words[n]
			}
			return given
		}
		{ line[NR] = $0 }
		$2 == "id" {
			split($3, is, " ")
			rank = is[1] in was_kept ? 4 : is[2] == "running" ? 3 : is[4] !~ "^/" twelve "_" ? 2 : 1
			if (rank > best[$1]) { best[$1] = rank; counts[$1] = is[1] }
		}
		END {
			for (i = 1; i <= NR; i++) {
				split(line[i], field, "\t")
				if (field[2] == "id") {
					split(field[3], is, " ")
					apart = counts[field[1]] == is[1] ? "" : "-" substr(is[1], 1, 12)
				}
				if (field[2] == "environment" && field[3] == "\"HOSTNAME=" substr(is[1], 1, 12) "\"") continue
				if (field[2] == "aliases") line[i] = field[1] "\t" field[2] "\t" by_hand_or_file(field[3], field[1])
				print field[1] apart substr(line[i], length(field[1]) + 1)
			}
		}'
}

# container:ID is the namespace of another container, whose id changes when it is recreated.
namespaces_by_service() {
	mine=$(printf '%s\n' "$facts_said" | sed -n "s#^\([^|]*\)|[^$tab]*${tab}id$tab\([^ ]*\) .*#\2 \1#p")
	while IFS= read -r line; do
		case $line in
			*" mode${tab}container:"*)
				other=${line##*container:}
				service=$(printf '%s\n' "$mine" | sed -n "s/^${other%%:*} //p")
				# The container is not of this project, or is of docker compose run.
				[ -n "$service" ] || service=$(engine inspect --type container --format '{{index .Config.Labels "com.docker.compose.service"}}' "${other%%:*}" 2>/dev/null)
				[ -z "$service" ] || line=${line%%container:*}service:$service${other#"${other%%:*}"}
				;;
		esac
		printf '%s\n' "$line"
	done
}

# image_named NAME: prints the id of the image with that name, or none. Fails when Docker does not say.
image_named() {
	engine image inspect --format '{{.Id}}' "$1" 2>/dev/null && return
	# Docker exits 1 for an unknown name and also on errors, so ask whether it still answers.
	[ $? = 1 ] && engine version --format '{{.Server.Version}}' >/dev/null 2>&1 && echo none
}
