# shellcheck shell=sh
# check_engine prints which Docker there is, and its part in the swarm. Needs check-docker.sh.

check_engine() {
	check_docker || return 0
	if said=$(limited docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}} {{.Name}}' 2>&1 </dev/null); then say swarm "$said"; fi
}
