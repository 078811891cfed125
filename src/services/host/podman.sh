# shellcheck shell=sh disable=SC2154 # programs.sh sets is_podman
# Makes a program `docker` that calls Podman, where there is Podman and no client of Docker. programs.sh puts its folder first in PATH.
# Reads backout_podman_program, the program's text.

[ -z "$is_podman" ] || (
	umask 077
	folder=$HOME/.cache/backout/podman
	[ "$(cat "$folder/docker" 2>/dev/null)" = "$backout_podman_program" ] || {
		mkdir -p "$folder" && printf '%s\n' "$backout_podman_program" >"$folder/.docker.$$" && chmod 700 "$folder/.docker.$$" && mv -f "$folder/.docker.$$" "$folder/docker"
	}
)
