# shellcheck shell=sh
# drop_images ID takes away what a run kept of images: the containers that hold them, and their tags. What is left is added to
# `left`. runs_with_images prints the ids of the runs that kept any, a line each.

drop_images() {
	command -v docker >/dev/null || return 0
	for container in $(timeout 20 docker ps -aq --no-trunc --filter "label=backout.run=$1" </dev/null 2>/dev/null); do
		timeout 60 docker rm -v "$container" </dev/null >/dev/null 2>&1 || left="$left, container $container"
	done
	for tag in $(timeout 20 docker image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=backout/*' </dev/null 2>/dev/null |
		grep -E ":$1(-[0-9]+)?$"); do
		# The last name of an image in use cannot be removed; a later prune removes it.
		timeout 60 docker image rm "$tag" </dev/null >/dev/null 2>&1 || left="$left, image $tag"
	done
}

runs_with_images() {
	command -v docker >/dev/null || return 0
	{
		timeout 20 docker image ls --format '{{.Tag}}' --filter 'reference=backout/*' </dev/null
		timeout 20 docker ps -a --format '{{.Label "backout.run"}}' --filter label=backout.run </dev/null
	} 2>/dev/null | sed -E 's/(Z-[0-9a-f]{6})-[0-9]+$/\1/' | sort -u
}
