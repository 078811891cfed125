# shellcheck shell=sh
# check_docker prints which Docker there is; check_room prints how much space there is for its data. Fails where there is none. Needs say,
# limited and room of check-host.sh.

check_docker() {
	if command -v docker >/dev/null 2>&1; then
		if [ -n "${is_podman:-}" ]; then
			say podman "$(command -v podman)"
		elif ! (PATH=${login_path:-$PATH} && command -v docker) >/dev/null 2>&1; then
			say docker-at "$(command -v docker)"
		fi
		[ -z "${DOCKER_HOST:-}" ] || say docker-host "$DOCKER_HOST"
		if said=$(limited docker version --format '{{.Server.Version}}' 2>&1 </dev/null); then say docker "$said"; else say no-docker "$said"; fi
		root=$(limited docker info --format '{{.DockerRootDir}}' 2>/dev/null </dev/null) || root=
	elif command -v podman >/dev/null 2>&1; then
		say podman "$(command -v podman)"
		return 1
	else
		return 1
	fi
}

check_room() { room docker "${root:-}"; }
