# shellcheck shell=sh
# drop_images RUN takes away the names that a run's restore point gave to images; what is left is added to `left`. runs_with_images prints
# the runs that gave any, a line each. Neither needs other functions.

drop_images() {
	command -v docker >/dev/null || return 0
	for tag in $(timeout 20 docker image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=backout/*' </dev/null 2>/dev/null | grep -F -e ":$1"); do
		timeout 60 docker image rm "$tag" </dev/null >/dev/null 2>&1 || left="$left, image $tag"
	done
}

runs_with_images() {
	command -v docker >/dev/null || return 0
	timeout 20 docker image ls --format '{{.Tag}}' --filter 'reference=backout/*' </dev/null 2>/dev/null | grep -E '^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}$' | sort -u
}
