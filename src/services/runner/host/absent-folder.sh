# shellcheck shell=sh
# Some tools that manage stacks keep the Compose files inside their own container (Portainer: /data/compose/3). The containers say that they
# were created in that folder, and it is not on the host, or has nothing in it there but what Docker mounts (volumes: ./conf:/conf).

# has_only_mounts FOLDER: succeeds if each of its entries is, or contains, what a container that was created in it mounts. In a subshell, so
# that no variable of a script that locates its state is lost.
has_only_mounts() (
	# Most deployments have one of these, and then Docker is not asked.
	for one in "$1"/*.y*ml "$1"/.env "$1"/.git; do
		[ ! -e "$one" ] || return 1
	done
	ids=$(timeout 20 docker ps -aq --filter "label=com.docker.compose.project.working_dir=$1" 2>/dev/null </dev/null) && [ -n "$ids" ] || return
	# Its Compose files may be elsewhere on the host (-f FILE --project-directory FOLDER).
	# shellcheck disable=SC2086 # ids have no blanks
	timeout 20 docker inspect --format '{{index .Config.Labels "com.docker.compose.project.config_files"}}' $ids 2>/dev/null </dev/null | tr ',' '\n' | while IFS= read -r one; do
		case $one in /*) [ ! -e "$one" ] || exit 1 ;; esac
	done || return
	# shellcheck disable=SC2086
	sources=$(timeout 20 docker inspect --format '{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source}}{{end}}{{end}}' $ids 2>/dev/null </dev/null | sed 's|$|/|')
	some=
	for one in "$1"/* "$1"/.[!.]*; do
		[ -e "$one" ] || continue
		printf '%s\n' "$sources" | one="$one/" awk 'index($0, ENVIRON["one"]) == 1 { found = 1 } END { exit !found }' || return
		some=1
	done
	[ -n "$some" ]
)

# is_absent FOLDER: succeeds if it does not exist, or is only there for Docker's mounts. One that this user may not enter may exist.
is_absent() {
	[ ! -e "$1" ] || {
		has_only_mounts "$1"
		return
	}
	above=$1
	while [ ! -e "$above" ]; do
		above=${above%/*}
		above=${above:-/}
	done
	[ -d "$above" ] && [ -x "$above" ]
}

# is_inside_a_tool FOLDER: succeeds if it is absent, and containers were created in it.
is_inside_a_tool() {
	is_absent "$1" && [ -n "$(timeout 20 docker ps -aq --filter "label=com.docker.compose.project.working_dir=$1" 2>/dev/null </dev/null | head -n 1)" ]
}
