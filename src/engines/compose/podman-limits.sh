# shellcheck shell=sh
# A part of identity.sh, whose say, conflict, project and count it uses. Needs deployment.sh.
# shellcheck disable=SC2154 # set by identity.sh: count

# limits_of_podman: says what cannot be done with containers of podman-compose, and without a client of Docker. podman-compose labels what it
# makes as Compose does, but not as one-off or not; Compose does not take such containers for its own.
limits_of_podman() {
	made_by=
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
	elif [ -n "${is_podman:-}" ]; then
		say only_containers 'there is Podman on this host, but no client of Docker: you can watch, stop, start and restart from here; for what recreates containers, install the client and Compose (docker-ce-cli and docker-compose-plugin), which also speak to the socket of Podman'
	fi
}
