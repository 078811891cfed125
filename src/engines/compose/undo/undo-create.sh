# shellcheck shell=sh
# create_as_then SERVICE NUMBER: creates a container as the one of then was created, by Docker's API, from what keep-creation.sh
# kept: of a service that the Compose files of then do not have, or with a number that Compose would not give. The container
# that is there now gives way when the new one is there. Nothing is started. Needs undo-state.sh. Reads: run_id, run_dir.

# created_with SERVICE NUMBER KEY: prints the kept lines.
created_with() { sed -n "s#^$1|$2$tab$3$tab##p" "$from_dir/creation" 2>/dev/null; }

# docker_api METHOD PATH: sends the JSON of standard input; prints the body of the response. Fails unless Docker did it.
docker_api() {
	json=$(cat)
	answer=$({
		printf '%s %s HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n' \
			"$1" "$2" "$(printf '%s' "$json" | wc -c | tr -d ' ')"
		printf '%s' "$json"
	} | timeout -k 2 30 docker system dial-stdio) || return 1
	printf '%s\n' "$answer" | sed '1,/^.$/d'
	case $answer in 'HTTP/1.'?' 2'*) ;; *) return 1 ;; esac
}

# host_config_then SERVICE NUMBER: prints the host configuration, with the unnamed volumes of the old container, and the ids of current
# containers for those of old ones.
host_config_then() {
	created_with "$1" "$2" host >"$run_dir/host-config"
	created_with "$1" "$2" volume | while read -r volume at; do
		! grep -qF -e "\"$volume:" "$run_dir/host-config" || continue
		target="\"Target\":\"$(printf '%s' "$at" | sed 's/[].*^$#&[]/\\&/g')\""
		# The order of the keys is Docker's; `Source` comes before `Target` in every version.
		case $(grep -o "{[^{}]*$target" "$run_dir/host-config") in
			*'"Source":'*) continue ;;
			'') sed "s#\"Binds\":null#\"Binds\":[]#; s#\"Binds\":\[#&\"$volume:$at\",#; s#,\]#]#" "$run_dir/host-config" ;;
			*) sed "s#{\([^{}]*$target\)#{\"Source\":\"$volume\",\1#" "$run_dir/host-config" ;;
		esac >"$run_dir/host-config.new" && mv -f -- "$run_dir/host-config.new" "$run_dir/host-config"
	done
	# Containers whose network, processes or volumes it uses are written with their old ids.
	sed -n "s#^\([^$tab]*\)${tab}id$tab\([^ ]*\) .*#\1 \2#p" "$from_dir/creation" | while read -r who then_id; do
		grep -qF -e "$then_id" "$run_dir/host-config" || continue
		now_id=$(container_of "${who%|*}" "${who#*|}")
		[ -n "$now_id" ] || {
			echo "$who, which $1 uses, does not exist" >&2
			exit 1
		}
		sed "s#$then_id#$now_id#g" "$run_dir/host-config" >"$run_dir/host-config.new" && mv -f -- "$run_dir/host-config.new" "$run_dir/host-config"
	done || return
	cat "$run_dir/host-config"
}

# networks_then SERVICE NUMBER: prints a line each: NAME JSON, without the name that Docker made from its id.
networks_then() { created_with "$1" "$2" network | sed "s#,\"$(printf %.12s "$then_of")\"##g; s#\"$(printf %.12s "$then_of")\"##g"; }

# request_of SERVICE NUMBER: prints the JSON that creates the container, in the first of its networks.
request_of() {
	host=$(host_config_then "$1" "$2") || return
	mode=$(printf '%s' "$host" | sed -n 's/.*"NetworkMode":"\([^"]*\)".*/\1/p')
	config=$(created_with "$1" "$2" config)
	case $mode in
		# It has the name of the host or of the other container.
		container:* | host) hostname='[^"]*' ;;
		*) hostname=$(printf %.12s "$then_of") ;;
	esac
	config=$(printf '%s\n' "$config" | sed "s/\"Hostname\":\"$hostname\",//")
	case $mode in
		host | none | bridge | default) endpoint= ;;
		*) endpoint=$(networks_then "$1" "$2" | sed -n "s#^$mode #\"$mode\":#p") ;;
	esac
	printf '%s,"HostConfig":%s,"NetworkingConfig":{"EndpointsConfig":{%s}}}' "${config%\}}" "$host" "$endpoint"
}

# connect_others SERVICE NUMBER ID: connects it to the networks besides the first.
connect_others() {
	networks_then "$1" "$2" | while read -r network settings; do
		[ "$network" != "$mode" ] || continue
		# Skip the network that holds a container: undo-states.sh holds again what was held (hold.sh).
		[ "$network" != held-by-backout ] || continue
		printf '{"Container":"%s","EndpointConfig":%s}' "$3" "$settings" | docker_api POST "/networks/$network/connect" || exit 1
	done
}

create_as_then() {
	tab=$(printf '\t')
	then_of=$(created_with "$1" "$2" id)
	[ -n "$then_of" ] || {
		echo "The restore point does not say how $1 ($2) was created"
		return 1
	}
	name=${then_of#* /} then_of=${then_of%% *}
	old=$(container_of "$1" "$2")
	aside=
	if [ -n "$old" ]; then
		timeout 90 docker stop "$old" >/dev/null </dev/null || return
		aside=$(engine inspect --format '{{.Name}}' "$old") && engine rename "$old" "$name-until-$run_id" || return
	fi
	mode=$(created_with "$1" "$2" host | sed -n 's/.*"NetworkMode":"\([^"]*\)".*/\1/p')
	if said=$(request_of "$1" "$2" | docker_api POST "/containers/create?name=$name") &&
		new=$(printf '%s' "$said" | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p') && [ -n "$new" ] &&
		said=$(connect_others "$1" "$2" "$new"); then
		[ -z "$old" ] || engine rm "$old" >/dev/null || return
		echo " Container $name  Created, from the saved description"
		return 0
	fi
	echo "Docker does not create $name: $said"
	[ -z "${new:-}" ] || engine rm "$new" >/dev/null
	[ -z "$old" ] || engine rename "$old" "${aside#/}"
	return 1
}
