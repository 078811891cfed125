#!/bin/sh
# backout calls Podman by the name docker here, as there is no client of Docker. backout made this file, and makes it again when it needs it.
# Podman takes docker's arguments, but some of its templates have other names, and it leaves out the `sha256:` of an id.

# As sudo-program.sh passes it on.
if [ "${1:-}" = -H ]; then
	DOCKER_HOST=$2 && export DOCKER_HOST
	shift 2
fi
# The engine that backout speaks to: a user's own Podman and that of root have different containers.
case ${DOCKER_HOST:-} in unix://*) podman() { exec podman --remote --url "$DOCKER_HOST" "$@"; } ;; esac

# in_podmans_words SCRIPT ARGUMENT...: calls Podman with every template changed by a script of sed.
in_podmans_words() {
	script=$1 left=$(($# - 1))
	shift
	while [ "$left" -gt 0 ]; do
		one=$1 left=$((left - 1))
		shift
		case $one in *'{{'*) one=$(printf '%s\n' "$one" | sed "$script") ;; esac
		set -- "$@" "$one"
	done
	(podman "$@")
}

# containers_in_podmans_words ARGUMENT...: podman-compose does not say of its containers that they are no one-off ones, so they are asked for
# by what it does say.
containers_in_podmans_words() {
	words='s/\.Label "/index .Labels "/g; s/{{\.State}}/{{.ListContainer.State}}/g'
	in_podmans_words "$words" "$@" || return
	left=$# others=
	while [ "$left" -gt 0 ]; do
		one=$1 left=$((left - 1))
		shift
		case $one in
			label=com.docker.compose.oneoff=False) one=label=io.podman.compose.project others=1 ;;
		esac
		set -- "$@" "$one"
	done
	[ -z "$others" ] || in_podmans_words "$words" "$@"
}

# call_compose ARGUMENT...: Docker Compose, wherever it is, speaks to Podman's socket; DOCKER_HOST says where that is.
call_compose() {
	for one in "$(command -v docker-compose)" "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins/docker-compose" \
		/usr/local/lib/docker/cli-plugins/docker-compose /usr/local/libexec/docker/cli-plugins/docker-compose \
		/usr/lib/docker/cli-plugins/docker-compose /usr/libexec/docker/cli-plugins/docker-compose; do
		[ ! -x "$one" ] || exec "$one" "$@"
	done
	if command -v podman-compose >/dev/null 2>&1; then
		echo 'podman-compose cannot say what it would change: Docker Compose is needed, which also speaks to Podman' >&2
	else
		echo 'Compose is not installed' >&2
	fi
	exit 125
}

case ${1:-} in
	compose)
		shift
		call_compose "$@"
		;;
	ps) containers_in_podmans_words "$@" ;;
	inspect | container)
		case $* in
			*'{{range '*) in_podmans_words 's/{{\.Image}}/sha256:{{.Image}}/g; s/{{if \.State\.Health}}/{{if .State.Health.Status}}/g' "$@" ;;
			*) in_podmans_words 's/{{\.Image}}/sha256:{{.Image}}/g; s/{{if \.State\.Health}}/{{if .State.Health.Status}}/g; s|{{\.Name}}|/{{.Name}}|g' "$@" ;;
		esac
		;;
	image) in_podmans_words 's/{{\.Id}}/sha256:{{.Id}}/g' "$@" ;;
	info) in_podmans_words 's/\.DockerRootDir/.Store.GraphRoot/g' "$@" ;;
	*) podman "$@" ;;
esac
