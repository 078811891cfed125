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

line_end='
'

# images_in_podmans_words ARGUMENT...: a name without a registry is one of localhost to Podman; the names that restore points give are known
# without it.
images_in_podmans_words() {
	words='s/{{\.Id}}/sha256:{{.Id}}/g'
	# The exit code is the last line.
	said=$(
		in_podmans_words "$words" "$@"
		printf '\n%s' "$?"
	)
	printf '%s' "${said%"$line_end"*}" | sed 's#\(^\|[ "]\)localhost/backout/#\1backout/#g'
	return "${said##*"$line_end"}"
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
		# Docker's client also reads what a template asks for by `index` in a structure; Podman's does not.
		words='s/{{\.Image}}/sha256:{{.Image}}/g; s/{{if \.State\.Health}}/{{if and .State.Health .State.Health.Status}}/g; s/index \$\(config\|host\) "\([A-Za-z]*\)"/$\1.\2/g'
		case $* in *'{{range '*) ;; *) words="$words; s|{{\.Name}}|/{{.Name}}|g" ;; esac
		in_podmans_words "$words" "$@"
		;;
	image) images_in_podmans_words "$@" ;;
	info) in_podmans_words 's/\.DockerRootDir/.Store.GraphRoot/g' "$@" ;;
	*) podman "$@" ;;
esac
