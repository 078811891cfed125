# shellcheck shell=sh
# The deployment as scripts reach it. backout puts this before every script that it runs on a host, so that all of them
# call Compose in the one way that the deployment itself was started with. Needs engine.sh, seconds-of.sh and found-files.sh.
#
# Reads, from the environment (identity.sh finds them; a plan fixes them):
#   directory            the folder of the deployment, absolute
#   project              the Compose project
#   compose_directory    the project directory that relative paths of the Compose files begin at; empty: `directory`
#   compose_files        the Compose files, absolute, one a line; empty: the ones that Compose finds by itself
#   compose_finds_files  1: those are what Compose finds by itself; of another commit it may find others
#   compose_env_files    the files for --env-file, absolute, one a line; empty: Compose reads .env by itself
#   compose_profiles     the profiles in use, one a line
#   compose_adds_profiles  1: they are in use beside those that .env names, in place of which Compose takes the ones that it is given
#   compose_command      the program that is called in place of `docker compose`, absolute (./dc); empty: none
#   compose_marks        NAME=VALUE, one a line: variables that Compose is given, to see where its files use them
#   folderless           1: the folder is not on this host, and scripts run elsewhere; else empty

# containers_of [-a] [SERVICE]: prints the ids of the deployment's containers, newest first; -a includes stopped ones.
containers_of() (
	all=
	[ "${1:-}" != -a ] || {
		all=-a
		shift
	}
	engine ps $all -q --no-trunc --filter "label=com.docker.compose.project=$project" \
		--filter label=com.docker.compose.oneoff=False ${1:+--filter "label=com.docker.compose.service=$1"}
)

# running_images: prints the ids of the images that the deployment's containers run, one a line.
running_images() (
	ids=$(containers_of) || return
	# shellcheck disable=SC2086 # ids have no blanks
	[ -z "$ids" ] || engine inspect --format '{{.Image}}' $ids | sort -u
)

# enter_folder: changes to the directory where scripts run: the deployment's folder, if there is one.
# shellcheck disable=SC2164 # its callers ask whether it could
enter_folder() { if [ "${folderless:-}" = 1 ]; then cd /; else cd -- "$directory"; fi; }

# compose ARGUMENT...: Compose with the files, env files, profiles, project and command of this deployment.
compose() { compose_in '' '' "$@"; }

# compose_in TOP TREE ARGUMENT...: like compose, but every file below the folder TOP is read from the folder TREE, which has the same
# layout: the files of another commit. Both empty: the files where they are.
compose_in() (
	top=$1 tree=$2
	shift 2
	set -f
	IFS='
'
	# Compose settings in the login's own environment do not belong to this deployment.
	unset COMPOSE_FILE COMPOSE_PATH_SEPARATOR COMPOSE_PROFILES COMPOSE_PROJECT_NAME COMPOSE_ENV_FILES COMPOSE_DISABLE_ENV_FILE
	# What leaves the deployment is kept, and what Compose prints is read here, whatever .env says of these.
	COMPOSE_REMOVE_ORPHANS=false COMPOSE_PROGRESS=plain COMPOSE_ANSI=never
	export COMPOSE_REMOVE_ORPHANS COMPOSE_PROGRESS COMPOSE_ANSI
	moved() {
		case $1 in
			"$top") [ -n "$top" ] && printf '%s\n' "$tree" || printf '%s\n' "$1" ;;
			"$top"/*) [ -n "$top" ] && printf '%s\n' "$tree${1#"$top"}" || printf '%s\n' "$1" ;;
			*) printf '%s\n' "$1" ;;
		esac
	}
	reversed() {
		backwards=
		for one in $1; do
			backwards=$one'
'$backwards
		done
		printf '%s' "$backwards"
	}
	if [ "${folderless:-}" = 1 ]; then
		echo "Compose cannot be used for $project: $directory is inside the tool that manages it, not on this host" >&2
		exit 125
	fi
	folder=$(moved "${compose_directory:-$directory}")
	# Each is prepended, so the last one goes first.
	profiles=${compose_profiles:-}
	[ -z "$profiles" ] || [ "${compose_adds_profiles:-}" != 1 ] || profiles=$profiles'
'$(
		cd -- "$folder" || exit
		if [ -z "${compose_env_files:-}" ]; then from_dot_env COMPOSE_PROFILES; fi | tr ',' '\n'
		for one in ${compose_env_files:-}; do from_dot_env COMPOSE_PROFILES "$(moved "$one")"; done | tail -n 1 | tr ',' '\n'
	)
	for one in $(reversed "$profiles"); do set -- --profile "$one" "$@"; done
	for one in $(reversed "${compose_env_files:-}"); do set -- --env-file "$(moved "$one")" "$@"; done
	finds=1
	[ -z "${compose_files:-}" ] || [ "${compose_finds_files:-}" = 1 ] || finds=
	[ -n "$finds" ] || for one in $(reversed "$compose_files"); do set -- -f "$(moved "$one")" "$@"; done
	[ -n "${compose_unnamed:-}" ] || set -- -p "$project" "$@"
	# Without a file named, Compose looks for one in the project directory, and in the folders above it.
	[ -n "$finds" ] && [ "$folder" = "$directory" ] || set -- --project-directory "$folder" "$@"
	if [ -n "${compose_command:-}" ]; then set -- "$compose_command" "$@"; else set -- docker compose "$@"; fi
	# shellcheck disable=SC2086 # split at line ends
	[ -z "${compose_marks:-}" ] || set -- env $compose_marks "$@"
	unset IFS
	set +f
	cd -- "$folder" || exit 125
	# The files may use variables of these names, which .env sets: what is exported here would take their place.
	# shellcheck disable=SC2086 # a list of names
	unset ${backout_given:-} backout_given
	"$@"
)

# containers_said WORDS: prints the names of the containers of which the output of Compose, on standard input, says one of these, with | between. It is ` Container NAME  Recreate`
# up to version 2.40, and ` Container NAME Recreate ` from 5.0 on (docker/compose, cmd/display/plain.go).
containers_said() { awk -v words="^($1)\$" '{ for (n = 1; n <= NF - 2; n++) if ($n == "Container" && $(n + 2) ~ words) print $(n + 1) }'; }

# ask_up SERVICE: sets up_recreates to the names of the containers that a plain `up -d` would recreate. Asks once for all services, as a dry run takes a
# second on a busy host; where that fails, for the image of another service is missing, for this one alone. Fails when Compose does not say.
ask_up() {
	if [ -z "${up_asked:-}" ]; then
		up_asked=whole
		up_recreates=$(compose --dry-run up --no-start --no-build --pull never 2>&1 </dev/null) || up_asked=each
		up_recreates=$(printf '%s\n' "$up_recreates" | containers_said Recreate)
	fi
	[ "$up_asked" = each ] || return 0
	up_recreates=$(compose --dry-run up --no-start --no-build --pull never -- "$1" 2>&1 </dev/null) || return
	up_recreates=$(printf '%s\n' "$up_recreates" | containers_said Recreate)
}

# ask_containers: sets up_containers to a line for each container: SERVICE|HASH|noted or other|IMAGE|/NAME. Asks once for all services, as each start
# of `docker` takes 40 ms of a processor. Fails when Docker does not say.
ask_containers() {
	[ -z "${containers_asked:-}" ] || return 0
	up_containers=$(containers_of -a) || return
	# shellcheck disable=SC2086 # ids have no blanks
	[ -z "$up_containers" ] || up_containers=$(engine inspect --format '{{$labels := .Config.Labels}}{{index $labels "com.docker.compose.service"}}|{{index $labels "com.docker.compose.config-hash"}}|{{with index $labels "com.docker.compose.image"}}{{if eq . $.Image}}noted{{else}}other{{end}}{{else}}noted{{end}}|{{.Image}}|{{.Name}}' $up_containers) || return
	containers_asked=1
}

# would_recreate SERVICE HASH: succeeds if a plain `up -d` would recreate its containers, or create one. Compose's own hash proves only equality:
# it differs for the same settings if a service has an env_file (seen with 2.26). It compares the image, too, by a label that it has written
# itself: of two builds at the same time under one name, a container may have the label of the one and the image of the other.
would_recreate() {
	ask_containers || return 0
	others=$(printf '%s\n' "$up_containers" | awk -F '|' -v service="$1" -v hash="$2" '$1 == service && !($2 == hash && $3 == "noted") { print $5 }')
	[ -n "$others" ] || return 1
	ask_up "$1" || return 0
	for name in $others; do
		! printf '%s\n' "$up_recreates" | grep -qxF -e "${name#/}" || return 0
	done
	return 1
}

# service_line KEY: prints one key of $service from Compose's model.
service_line() { compose config 2>/dev/null </dev/null | of_service "$1"; }

# of_service KEY: like service_line, from a model on standard input.
of_service() {
	awk -v service="  $service:" -v key="    $1:" '
		$0 == "services:" { at = 1; next }
		/^[^ ]/ { at = 0 }
		at && /^  [^ ]/ { mine = $0 == service }
		at && mine && index($0, key) == 1 { sub(/^    [^:]*: */, ""); gsub(/["\047]/, ""); print; found = 1; exit }
		END { exit !found }'
}

# service_image: prints the name of the image that Compose starts $service from: the one in its file, or the name it gives what it builds.
# Without Compose files it is the name that its container was created from.
service_image() {
	if [ "${folderless:-}" = 1 ]; then
		engine inspect --format '{{.Config.Image}}' "$(containers_of -a "$service" | head -n 1)"
	else
		service_line image || default_image "$service" "$(image_names)"
	fi
}

# image_names [TOP TREE]: prints the names of the images of all services, as Compose has them.
# shellcheck disable=SC2120 # facts.sh and built-on.sh pass both
image_names() { compose_in "${1:-}" "${2:-}" config --images 2>/dev/null </dev/null; }

# default_image SERVICE NAMES: prints which of image_names Compose gives a service whose file gives none: PROJECT-SERVICE, or with
# COMPOSE_COMPATIBILITY, which .env or the login may set, PROJECT_SERVICE.
default_image() {
	{
		printf '%s\n' "$2" | grep -xF -e "$project-$1" -e "${project}_$1"
		printf '%s\n' "$project-$1"
	} | head -n 1
}

# image_id NAME: prints its id, or nothing.
image_id() { engine image inspect --format '{{.Id}}' -- "$1" 2>/dev/null; }

# ids_at_once NAME...: prints ID NAME for each image, from one call of Docker. Fails, and prints nothing, if one is missing.
ids_at_once() {
	ids=$(engine image inspect --format '{{.Id}}' -- "$@" 2>/dev/null) || return
	for id in $ids; do
		printf '%s %s\n' "$id" "$1"
		shift
	done
}

# ids_of_images NAME...: prints ID NAME for each name that an image has. Asks one by one if one is missing.
ids_of_images() {
	ids_at_once "$@" && return
	for name; do
		id=$(image_id "$name") && printf '%s %s\n' "$id" "$name"
	done
}

# is_built_here: succeeds if Compose builds the image of $service.
is_built_here() { [ "${folderless:-}" != 1 ] && service_line build >/dev/null; }
