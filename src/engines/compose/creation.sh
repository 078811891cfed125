# shellcheck shell=sh disable=SC2154 # from_dir, run_dir and then_of are its callers'
# Creates containers by Docker's API, from what keep-creation.sh kept of others: the same ones again, or the same ones from another image.
# Needs container_of SERVICE NUMBER, which prints the id of the container that is there now. Reads: from_dir (the folder of the restore
# point), run_dir, then_of (the id of the kept container).

tab=$(printf '\t')

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

# request_of SERVICE NUMBER CONFIG: prints the JSON that creates the container with this configuration, in the first of its networks.
request_of() {
	host=$(host_config_then "$1" "$2") || return
	mode=$(printf '%s' "$host" | sed -n 's/.*"NetworkMode":"\([^"]*\)".*/\1/p')
	config=$3
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

# create_container NAME SERVICE NUMBER CONFIG: creates the container under this name with this configuration, in all of its networks, and
# leaves its id in `new`. Where it fails, `said` is Docker's reason, and `new` is empty or that of a container which is in some of them.
# shellcheck disable=SC2034 # its callers read new
create_container() {
	new=
	said=$(request_of "$2" "$3" "$4" | docker_api POST "/containers/create?name=$1") &&
		new=$(printf '%s' "$said" | sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p') && [ -n "$new" ] &&
		said=$(connect_others "$2" "$3" "$new")
}

# connect_others SERVICE NUMBER ID: connects it to the networks besides the first, and takes it out of the first where somebody had
# disconnected the old one.
connect_others() {
	mode=$(created_with "$1" "$2" host | sed -n 's/.*"NetworkMode":"\([^"]*\)".*/\1/p')
	case $mode in
		host | none | bridge | default | container:*) ;;
		*) networks_then "$1" "$2" | grep -q "^$mode " || engine network disconnect "$mode" "$3" || return ;;
	esac
	networks_then "$1" "$2" | while read -r network settings; do
		[ "$network" != "$mode" ] || continue
		# Skip the network that holds a container: undo-states.sh holds again what was held (hold.sh).
		[ "$network" != held-by-backout ] || continue
		printf '{"Container":"%s","EndpointConfig":%s}' "$3" "$settings" | docker_api POST "/networks/$network/connect" || exit 1
	done
}
