# shellcheck shell=sh
# Some tools that manage stacks keep the Compose files inside of their own container (Portainer: /data/compose/3). The
# containers say that they were made in that folder, and it is not on the host.

# is_absent FOLDER: it is not there. One that is closed to this user may be.
is_absent() {
	[ ! -e "$1" ] || return 1
	above=$1
	while [ ! -e "$above" ]; do
		above=${above%/*}
		above=${above:-/}
	done
	[ -d "$above" ] && [ -x "$above" ]
}

# is_inside_a_tool FOLDER: it is absent, and containers were made in it.
is_inside_a_tool() {
	is_absent "$1" && [ -n "$(timeout 20 docker ps -aq --filter "label=com.docker.compose.project.working_dir=$1" 2>/dev/null </dev/null | head -n 1)" ]
}
