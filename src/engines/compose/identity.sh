# shellcheck shell=sh
# Finds out what the deployment is: its project, its folder, its Compose files, env files and profiles, and the command that calls
# Compose. Containers say how they were made, by the labels that Compose gives them; the config of backout may say it
# too; where neither does, Compose itself is asked. Where they contradict each other, both sides are printed, and nothing
# is decided. Changes nothing.
#
# Reads: directory (absolute); config_project, config_compose_files, config_compose_env_files, config_compose_profiles
# (lists: one a line; paths absolute or relative to `directory`), config_compose_command. Each may be empty.
# Needs deployment.sh, identity-files.sh, absent-folder.sh and podman-limits.sh. Prints lines of NAME TAB VALUE; a name may come several times:
#   project, project_from (config, containers, compose, folder), compose_directory, compose_files, compose_finds_files (1: they
#   are those that Compose finds by itself), compose_env_files, compose_profiles, compose_adds_profiles (1: beside those of .env), compose_command, containers (how many there are), files_from (config, containers, compose),
#   only_containers (why nothing but its containers can be changed: a sentence about Podman), stop_limit (what the engine cannot do
#   of what a stop promises: a sentence),
#   folder (present, or absent: containers were made in it, but it is inside the tool that manages them),
#   own_command, passes_on (yes): a program that may be the one that makes an env file which is gone, by its text alone
#   conflict (why nothing that needs Compose may be changed: a sentence), unset (a variable that the files use and nothing
#   sets), unreadable (what Compose said of its files, on one line)

line_end='
'
tab=$(printf '\t')

say() { printf '%s\t%s\n' "$1" "$2"; }

# absolute PATH: resolves a path that is relative to the deployment's folder, and its links if the folder exists, since Compose writes the
# path as the login had it.
absolute() {
	case $1 in
		/*) path=$1 ;;
		*) path=$directory/$1 ;;
	esac
	folder=$(CDPATH='' cd -P -- "${path%/*}/" 2>/dev/null && pwd -P) || {
		printf '%s\n' "$path"
		return
	}
	printf '%s\n' "${folder%/}/${path##*/}"
}

real_folder() { (CDPATH='' cd -P -- "$1" 2>/dev/null && pwd -P) || printf '%s\n' "$1"; }

absolute_all() {
	printf '%s\n' "$1" | while IFS= read -r one; do
		[ -z "$one" ] || absolute "$one"
	done
}

# contains LIST LIST: succeeds if the first has every line of the second.
contains() {
	printf '%s\n' "$2" | while IFS= read -r one; do
		printf '%s\n' "$1" | grep -qxF -e "$one" || exit 1
	done
}

# in_words LIST: prints it on one line, for a sentence.
in_words() { printf '%s' "$1" | tr '\n' ',' | sed 's/,$//; s/,/, /g'; }

# read_containers: prints every container that Compose has created on this host: project, service, folder, files, env file. Names with a tab
# in them are ignored.
read_containers() {
	engine ps -a --filter label=com.docker.compose.project --filter label=com.docker.compose.oneoff=False --format \
		'{{.Label "com.docker.compose.project"}}{{"\t"}}{{.Label "com.docker.compose.service"}}{{"\t"}}{{.Label "com.docker.compose.project.working_dir"}}{{"\t"}}{{.Label "com.docker.compose.project.config_files"}}{{"\t"}}{{.Label "com.docker.compose.project.environment_file"}}'
}

# find_project: the project named in the config, else that of the containers that were created in this folder, else Compose's own.
find_project() {
	here=$(printf '%s\n' "$all" | while IFS=$tab read -r name _ folder _; do
		[ -z "$name" ] || [ "$(real_folder "$folder")" != "$real" ] || printf '%s\n' "$name"
	done | sort -u)
	if [ -n "$config_project" ]; then
		project=$config_project project_from=config
		if [ -n "$here" ] && ! printf '%s\n' "$here" | grep -qxF -e "$project"; then
			conflict "the config says that the project is $project, but the containers that were made in $directory belong to $(in_words "$here")"
		fi
	elif [ -n "$here" ]; then
		project=$here project_from=containers
		case $here in
			*"$line_end"*)
				conflict "the containers that were made in $directory belong to several projects, $(in_words "$here"): set project of this target in the config"
				project=$(printf '%s\n' "$here" | head -n 1)
				;;
		esac
	else
		project='' project_from=compose
	fi
}

# mine: prints the project's containers as read_containers printed them, without the project's name.
mine() { printf '%s\n' "$all" | sed -n "s/^$project$tab//p"; }

# inside_a_tool FOLDER: Portainer keeps its stacks in /data/compose, by default.
inside_a_tool() {
	case $1 in
		/data/compose/*) way="in Portainer, open Stacks, $project, Editor" ;;
		*) way="open $project in that tool" ;;
	esac
	conflict "the containers of $project were made in $1, and the Compose files are not on this host: it is inside the tool that manages them. You can watch, stop, start and restart them from here, and choose another image for them; what needs the Compose files has to be done in that tool. It does not know of another image that was chosen here, and its next update would bring the old one again: $way, and change what follows \`image:\` of the service there, too"
}

find_folder() {
	folders=$(mine | cut -f 2 | while IFS= read -r one; do real_folder "$one"; done | sort -u)
	compose_directory=$real
	case $folders in
		'') [ -d "$real" ] || conflict "there is no folder $directory on this host, or it is closed to $(id -un): correct directory of this target in the config" ;;
		"$real")
			if is_absent "$real"; then
				folder=absent
				inside_a_tool "$real"
			elif [ ! -d "$real" ]; then
				conflict "the folder $directory is closed to $(id -un)"
			fi
			;;
		*"$line_end"*) conflict "the containers of $project were made in different folders: $(in_words "$folders")" ;;
		"$real"/*) compose_directory=$folders ;;
		*)
			if ! is_absent "$folders"; then
				conflict "the config says that $project is deployed from $directory, but its containers were made in $folders"
			else
				inside_a_tool "$folders"
			fi
			;;
	esac
}

conflict() { printf 'conflict\t%s\n' "$1" >>"$scratch/conflicts"; }

# name_project: finds Compose's own name for the project: from its file, from .env, or from the folder.
name_project() {
	project=$fallback_project project_from=folder
	# The first line of the model is the project's name, which applies if no -p is given.
	own=$(
		unset COMPOSE_FILE COMPOSE_PATH_SEPARATOR COMPOSE_PROFILES COMPOSE_PROJECT_NAME COMPOSE_ENV_FILES COMPOSE_DISABLE_ENV_FILE
		cd -- "$directory" || exit
		IFS=$line_end
		set -f
		set -- config
		for one in $(absolute_all "$config_compose_env_files"); do set -- --env-file "$one" "$@"; done
		# Each is put in front of the ones before it.
		for one in $(absolute_all "$config_compose_files" | sed '1!G;h;$!d'); do set -- -f "$one" "$@"; done
		unset IFS
		set +f
		if [ -n "$config_compose_command" ]; then set -- "$(absolute "$config_compose_command")" "$@"; else set -- docker compose "$@"; fi
		# shellcheck disable=SC2086 # a list of names
		unset ${backout_given:-} backout_given
		timeout 20 "$@" 2>/dev/null </dev/null | sed -n '1s/^name: //p'
	)
	[ -z "$own" ] || project=$own project_from=compose
}

# was_left_out SERVICE: succeeds if all its containers are stopped and no longer have the restart policy that its files give it: a rollback to
# a commit without it has stopped them. Those that are held (hold.sh) are stopped for a while.
was_left_out() {
	case $(service=$1 service_line restart) in '' | no) return 1 ;; esac
	left=$(containers_of -a "$1") || return 1
	[ -n "$left" ] || return 1
	# shellcheck disable=SC2086 # ids have no blanks
	left=$(engine inspect --format '{{.State.Running}} {{.HostConfig.RestartPolicy.Name}}{{range $name, $_ := .NetworkSettings.Networks}} {{$name}}{{end}}' $left) || return 1
	! printf '%s\n' "$left" | grep -qEv '^false (no)?( |$)' && ! printf '%s\n' "$left" | grep -q held-by-backout
}

# list_services: prints the names of the services whose profiles are in use.
list_services() { compose config --services; }

# ask_compose: finds out if Compose can read its files, which unset variables they use, and the profiles in use: those whose services all
# have a container, and those of a service that has one and would not be there otherwise.
ask_compose() {
	compose_profiles=$config_compose_profiles compose_adds_profiles=
	if [ ! -d "$directory" ] || [ "$folder" = absent ]; then
		say unreadable "the Compose files of $directory are not on this host"
		return
	fi
	if ! list_services >"$scratch/services" 2>"$scratch/said" </dev/null; then
		say unreadable "$(sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' "$scratch/said" | grep -v 'is not set' | tail -n 1)"
		return
	fi
	grep -o 'The \\"[A-Za-z_0-9]*\\" variable is not set' "$scratch/said" | cut -d '"' -f 2 | tr -d '\\' | sort -u |
		while IFS= read -r one; do say unset "$one"; done
	[ -z "$compose_profiles" ] || return 0
	mine | cut -f 1 | sort -u >"$scratch/made"
	extra=$(sort -u "$scratch/services" | comm -13 - "$scratch/made")
	[ -n "$extra" ] || return 0
	for profile in $(compose config --profiles 2>/dev/null </dev/null); do
		compose_profiles=$profile
		compose config --services 2>/dev/null </dev/null | sort -u >"$scratch/with"
		for service in $extra; do
			! grep -qxF -e "$service" "$scratch/with" || was_left_out "$service" || {
				printf '%s\n' "$profile" >>"$scratch/profiles"
				break
			}
		done
	done
	compose_profiles=$(cat "$scratch/profiles" 2>/dev/null)
	# These were started beside the others.
	[ -z "$compose_profiles" ] || compose_adds_profiles=1
}

identify() {
	scratch=$(mktemp -d) || exit 1
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	real=$(real_folder "$directory") folder=present
	[ "$real" = / ] || real=${real%/}
	all=$(read_containers) || {
		say unknown 'Docker does not answer on the host'
		return
	}
	find_project
	[ -n "$project" ] || name_project
	find_folder
	find_files
	find_env_files
	ask_compose
	say project "$project"
	say project_from "$project_from"
	say files_from "$files_from"
	say compose_directory "$compose_directory"
	say compose_command "$compose_command"
	say compose_finds_files "$compose_finds_files"
	say compose_adds_profiles "$compose_adds_profiles"
	for name in compose_files compose_env_files compose_profiles; do
		eval "list=\$$name"
		printf '%s\n' "$list" | while IFS= read -r one; do [ -z "$one" ] || say "$name" "$one"; done
	done
	say folder "$folder"
	count=$(mine | grep -c .)
	say containers "$count"
	limits_of_podman
	cat "$scratch/conflicts" "$scratch/own" 2>/dev/null
	return 0
}
