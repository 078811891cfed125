#!/bin/sh
# backout calls Podman by the name docker here, as there is no client of Docker. backout made this file, and makes it again when it needs it.
# Podman takes docker's arguments, but some of its templates have other names, and it leaves out the `sha256:` of an id. What is printed whole,
# as JSON, comes from Podman's other API, which is Docker's: a plan compares it with Compose's model.

# As sudo-program.sh passes it on.
if [ "${1:-}" = -H ]; then
	DOCKER_HOST=$2 && export DOCKER_HOST
	shift 2
fi
# The engine that backout speaks to: a user's own Podman and that of root have different containers.
case ${DOCKER_HOST:-} in unix://*) podman() { exec podman --remote --url "$DOCKER_HOST" "$@"; } ;; esac

line_end='
'

# in_podmans_words SCRIPT ARGUMENT...: calls Podman with every template changed by a script of sed. Ends as docker does for what is not there:
# with 1, and with its words.
in_podmans_words() {
	script=$1 left=$(($# - 1))
	shift
	while [ "$left" -gt 0 ]; do
		one=$1 left=$((left - 1))
		shift
		case $one in *'{{'*) one=$(printf '%s\n' "$one" | with_slash | sed "$script") ;; esac
		set -- "$@" "$one"
	done
	{ said=$(podman "$@" 2>&1 >&3 3>&-); } 3>&1
	code=$?
	case $code$said in
		0) ;;
		125*[Nn]'o such'*) code=1 ;;
		125*'not known'*) code=1 said="$said (no such image)" ;;
	esac
	[ -z "$said" ] || printf '%s\n' "$said" >&2
	return "$code"
}

# with_slash: puts docker's slash before the name of a container in a template, and not before that of a mount, over which it ranges.
with_slash() {
	[ -n "${slashed:-}" ] || exec cat
	awk '{
		parts = split($0, part, "{{")
		all = part[1]
		for (at = 2; at <= parts; at++) {
			if (part[at] ~ /^(range|with|if) /) inside[++depth] = part[at] !~ /^if/
			if (part[at] ~ /^end}}/) depth--
			within = 0
			for (level = 1; level <= depth; level++) within += inside[level]
			all = all (part[at] ~ /^\.Name}}/ && !within ? "/" : "") "{{" part[at]
		}
		print all
	}'
}

# full_name NAME: prints the name of an image as Podman has it: Compose speaks to an API that completes names as Docker does. The names that
# restore points give stay on this host.
full_name() {
	case $1 in
		sha256:* | '') printf '%s\n' "$1" ;;
		backout/*) printf 'localhost/%s\n' "$1" ;;
		localhost/* | *.*/* | *:*/*) printf '%s\n' "$1" ;;
		*/*) printf 'docker.io/%s\n' "$1" ;;
		*) if printf '%s' "$1" | grep -qE '^[0-9a-f]{12,64}$'; then printf '%s\n' "$1"; else printf 'docker.io/library/%s\n' "$1"; fi ;;
	esac
}

# known_name NAME: prints the full name of an image if there is one, else the name as it is: podman-compose builds under other ones.
known_name() {
	known=$(full_name "$1")
	if [ "$known" = "$1" ] || (podman image exists "$known") >/dev/null 2>&1; then printf '%s\n' "$known"; else printf '%s\n' "$1"; fi
}

# listed_name NAME: prints the full name of a repository if there are images of it, else the name as it is.
listed_name() {
	listed=$(full_name "$1")
	if [ -n "$( (podman image ls -q -- "$listed") 2>/dev/null)" ]; then printf '%s\n' "$listed"; else printf '%s\n' "$1"; fi
}

# docker_names: shortens the names of images on standard input to those that docker prints.
docker_names() { sed 's#\(^\|[ "|	]\)localhost/backout/#\1backout/#g; s#\(^\|[ "|	]\)docker\.io/library/#\1#g; s#\(^\|[ "|	]\)docker\.io/#\1#g'; }

# with_docker_names COMMAND...: calls it, and shortens the names that it prints. Its exit code is the last line.
with_docker_names() {
	said_names=$(
		"$@"
		printf '\n%s' "$?"
	)
	printf '%s' "${said_names%"$line_end"*}" | docker_names
	return "${said_names##*"$line_end"}"
}

# indented: prints JSON in docker's form: a line for each value.
indented() {
	LC_ALL=C awk '
		function line_of(deep,   text) { text = "\n"; while (deep-- > 0) text = text "    "; return text }
		{ text = text $0 "\n" }
		END {
			while (match(text, /"([^"\\]|\\.)*"|[][{},:]|[^][{},:" \t\r\n]+/)) {
				word = substr(text, RSTART, RLENGTH)
				# One line is read at a time: taking the rest of a long text apart costs time.
				text = substr(text, RSTART + RLENGTH)
				if (word == "}" || word == "]") { deep--; printf "%s%s", opened ? "" : line_of(deep), word; opened = 0; continue }
				if (opened) printf "%s", line_of(deep)
				opened = 0
				if (word == "{" || word == "[") { printf "%s", word; deep++; opened = 1 }
				else if (word == ",") printf ",%s", line_of(deep)
				else if (word == ":") printf ": "
				else printf "%s", word
			}
			print ""
		}'
}

# described KIND NAME...: prints what Docker would print of containers or images, from the API of Docker that Podman has.
described() {
	kind=$1 code=0 all=
	shift
	for one; do
		# This API completes names by itself.
		case $one in backout/*) one=$(full_name "$one") ;; esac
		answer=$(printf 'GET /v1.40/%s/%s/json HTTP/1.0\r\nHost: docker\r\n\r\n' "$kind" "$one" | (podman system dial-stdio))
		case $answer in
			'HTTP/1.'?' 200 '*) all="$all${all:+,}$(printf '%s\n' "$answer" | sed '1,/^.$/d')" ;;
			'HTTP/1.'?' 404 '*) code=1 && echo "Error: No such object: $one" >&2 ;;
			*) code=1 && echo "Error: Podman does not describe $one: $(printf '%s\n' "$answer" | tail -n 1)" >&2 ;;
		esac
	done
	printf '[%s]\n' "$all" | indented
	return "$code"
}

# is_whole ARGUMENT...: succeeds if no argument is a template or another option, so that all is to be printed.
is_whole() { case " $* " in *' -f '* | *' --format '* | *' --format='* | *' -s '* | *' --size '*) return 1 ;; esac }

# names_in ARGUMENT...: keeps what is no option: one a line.
names_in() {
	while [ "$#" -gt 0 ]; do
		case $1 in
			--type) shift ;;
			-*) ;;
			*) printf '%s\n' "$1" ;;
		esac
		shift
	done
}

# inspect_container ARGUMENT...
inspect_container() {
	if is_whole "$@"; then
		shift
		[ "$1" != inspect ] || shift
		# shellcheck disable=SC2046 # names have no blanks
		described containers $(names_in "$@")
		return
	fi
	# Docker's client also reads what a template asks for by `index` in a structure; Podman's does not.
	words='s/\.Id\([ })]\)/.ID\1/g; s/\.HostIp}}/.HostIP}}/g; s/\([{ (]\)\.Image\([ })]\)/\1(printf "sha256:%s" .Image)\2/g; s/{{if \.State\.Health}}/{{if and .State.Health .State.Health.Status}}/g; s/index \$\(config\|host\) "\([A-Za-z]*\)"/$\1.\2/g; s/index \(\.State\|\.Config\|\.HostConfig\) "\([A-Za-z]*\)"/\1.\2/g; s/index \. "\(Status\|Config\)"/.\1/g'
	slashed=1
	case $* in
		*'{{json .Config}}'*) echo 'Podman does not say how a container was created, in the form that creates another one' >&2 && return 1 ;;
		*'.Config.Image}}'*) with_docker_names in_podmans_words "$words" "$@" ;;
		*) in_podmans_words "$words" "$@" ;;
	esac
}

# with_full_names ARGUMENT...: calls Podman with the full names of the images after the first two arguments, and of none that is an option's.
with_full_names() {
	left=$(($# - 2)) value=1
	naming=known_name
	[ "$2" != ls ] || naming=listed_name
	set -- "$@" "$1" "$2"
	shift 2
	while [ "$left" -gt 0 ]; do
		one=$1 left=$((left - 1))
		shift
		case $value$one in
			1--format | 1-f | 1--filter) value= ;;
			1-*) ;;
			1*) one=$($naming "$one") ;;
			*) value=1 ;;
		esac
		set -- "$@" "$one"
	done
	in_podmans_words 's/\.Id\([ })]\)/(printf "sha256:%s" .ID)\1/g' "$@"
}

# call_image ARGUMENT...: podman image.
call_image() {
	if [ "${2:-}" = inspect ] && is_whole "$@"; then
		shift 2
		# shellcheck disable=SC2046 # names have no blanks
		with_docker_names described images $(names_in "$@")
		return
	fi
	with_docker_names with_full_names "$@"
}

# containers_in_podmans_words ARGUMENT...: podman-compose does not say of its containers that they are no one-off ones, so they are asked for
# by what it does say.
containers_in_podmans_words() {
	# A table has a heading, for which Podman has no labels.
	words='s/^table \(.*\.Label "\)/\1/; s/\.Label "/index .Labels "/g; s/{{\.State}}/{{.ListContainer.State}}/g'
	with_docker_names in_podmans_words "$words" "$@" || return
	left=$# others=
	while [ "$left" -gt 0 ]; do
		one=$1 left=$((left - 1))
		shift
		case $one in
			label=com.docker.compose.oneoff=False) one=label=io.podman.compose.project others=1 ;;
		esac
		set -- "$@" "$one"
	done
	[ -z "$others" ] || with_docker_names in_podmans_words "$words" "$@"
}

# call_compose ARGUMENT...: Docker Compose, wherever `podman compose` looks for it, speaks to Podman's socket; DOCKER_HOST says where that is.
# Podman does not have all of BuildKit, so Podman calls Compose without it, too.
call_compose() {
	DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0} && export DOCKER_BUILDKIT
	for one in "${PODMAN_COMPOSE_PROVIDER:-}" "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins/docker-compose" \
		/usr/local/lib/docker/cli-plugins/docker-compose /usr/local/libexec/docker/cli-plugins/docker-compose \
		/usr/lib/docker/cli-plugins/docker-compose /usr/libexec/docker/cli-plugins/docker-compose "$(command -v docker-compose)"; do
		case $one in *podman-compose) continue ;; esac
		[ ! -x "$one" ] || exec "$one" "$@"
	done
	if command -v podman-compose >/dev/null 2>&1; then
		echo 'podman-compose cannot say what it would change: Docker Compose is needed, which also speaks to Podman' >&2
	else
		echo 'Compose is not installed' >&2
	fi
	exit 125
}

# call_version ARGUMENT...: the version of the service is in the headers of every answer. Podman's own command asks the package manager, too,
# which takes seconds on a busy host.
call_version() {
	case $* in
		*'{{.Server.Version}}'*)
			answer=$(printf 'GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n' | (podman system dial-stdio) 2>/dev/null | sed -n 's/^Libpod-Api-Version: *\([0-9][0-9.]*\).*/\1/p')
			[ -z "$answer" ] || {
				printf '%s\n' "$3" | sed "s/{{\.Server\.Version}}/$answer/"
				return
			}
			;;
	esac
	podman "$@"
}

# change_policy ARGUMENT...: podman update, which changes restart policies since 5.1. The policy that a container has is no change.
change_policy() {
	if [ "${2:-}" = --restart ] && ! (podman update --help) 2>/dev/null | grep -q -e --restart; then
		has=$( (podman inspect --format '{{or .HostConfig.RestartPolicy.Name "no"}}{{if .HostConfig.RestartPolicy.MaximumRetryCount}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}{{end}}' "$4")) || return
		[ "$has" != "$3" ] || return 0
		echo "This version of Podman cannot change the restart policy of a container, which is $has; 5.1 can" >&2
		return 1
	fi
	podman "$@"
}

case ${1:-} in
	compose)
		shift
		call_compose "$@"
		;;
	ps) containers_in_podmans_words "$@" ;;
	inspect | container) inspect_container "$@" ;;
	image) call_image "$@" ;;
	tag)
		shift
		[ "$1" != -- ] || shift
		podman tag "$(full_name "$1")" "$(full_name "$2")"
		;;
	update) change_policy "$@" ;;
	version) call_version "$@" ;;
	info) in_podmans_words 's/\.DockerRootDir/.Store.GraphRoot/g' "$@" ;;
	*) podman "$@" ;;
esac
