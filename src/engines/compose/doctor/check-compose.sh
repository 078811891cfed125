# shellcheck shell=sh
# check_engine prints which Docker and which Compose there are. Needs check-docker.sh.

check_engine() {
	check_docker || return 0
	if said=$(limited docker compose version --short 2>&1 </dev/null); then say compose "$said"; else say no-compose "$said"; fi
}
