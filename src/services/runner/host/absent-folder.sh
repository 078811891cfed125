# shellcheck shell=sh
# Some tools that manage stacks keep the Compose files inside their own container (Portainer: /data/compose/3). The containers say that they
# were created in that folder, and it is not on the host.

# is_absent FOLDER: succeeds if it does not exist. One that this user may not enter may exist.
is_absent() {
	[ ! -e "$1" ] || return 1
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
