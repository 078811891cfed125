# shellcheck shell=sh
# A part of identity.sh, whose say, conflict, project and count it uses. Needs deployment.sh.
# shellcheck disable=SC2154 # set by identity.sh: count

# limits_of_podman: says what cannot be done with containers of podman-compose, and without Docker Compose. podman-compose labels what it
# makes as Compose does, but not as one-off or not; Compose does not take such containers for its own. It has no model as JSON, and before 1.6
# one hash for the whole deployment: if that differs, it takes all containers down.
limits_of_podman() {
	made_by=
	[ -z "${is_podman:-}" ] || say stop_limit 'Podman cannot hold what is stopped, whatever else is said here: somebody else can start it again'
	if [ -n "${is_podman:-}" ] || [ "$count" = 0 ]; then
		made_by=$(engine ps -aq --filter "label=io.podman.compose.project=$project" 2>/dev/null)
	fi
	if [ -n "$made_by" ]; then
		why="the containers of $project were made by podman-compose, which does not say what it would change"
		if [ -n "${is_podman:-}" ]; then
			say only_containers "$why: you can watch, stop, start and restart them from here; change them by podman-compose, on the host"
		else
			conflict "$why: change them by podman-compose, on the host"
		fi
	elif [ -n "${is_podman:-}" ] && [ "${folder:-}" = absent ]; then
		say only_containers "the Compose files of $project are not on this host, and Podman does not say how its containers were created: you can watch, stop, start and restart them from here; change them in the tool that manages them"
	elif [ -n "${is_podman:-}" ]; then
		why=$(why_no_compose) || say only_containers "there is Podman on this host, but $why"
	fi
}

# why_no_compose: fails if nothing can be recreated here by Docker Compose, and prints why and what to do.
why_no_compose() {
	watched='you can watch, stop, start and restart from here; for what recreates containers,'
	if ! version=$(engine compose version --short 2>/dev/null); then
		echo "no Docker Compose: $watched install it (docker-compose-plugin, or the program docker-compose of version 2), which also speaks to the socket of Podman"
		return 1
	fi
	case ${version#v} in
		0.* | 1.*)
			echo "Docker Compose is version $version: $watched install version 2 (docker-compose-plugin), which also speaks to the socket of Podman"
			return 1
			;;
	esac
	case ${DOCKER_HOST:-} in
		'')
			echo "Docker Compose $version has no socket to speak to: $watched start that of Podman on the host: systemctl enable --now podman.socket (with --user for a rootless Podman)"
			return 1
			;;
	esac
}
