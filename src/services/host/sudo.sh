# shellcheck shell=sh
# Makes a program `docker` that calls Docker by sudo, for logins that may use it by that alone. programs.sh puts its folder first in
# PATH: then scripts, what they start (timeout, xargs) and a run's steps all use it, whatever way they call docker.

(
	umask 077
	folder=$HOME/.cache/backout/sudo
	[ -x "$folder/docker" ] || {
		mkdir -p "$folder" && cat >"$folder/.docker.$$" <<'PROGRAM' && chmod 700 "$folder/.docker.$$" && mv -f "$folder/.docker.$$" "$folder/docker"
#!/bin/sh
# backout calls Docker by sudo here, as `sudo: true` of a target says. backout made this file, and makes it again when it needs it.
# The next docker of PATH, wherever the folder of this one is in it.
own=${0%/*} rest=$PATH: others=
while [ -n "$rest" ]; do
	folder=${rest%%:*} rest=${rest#*:}
	[ "$folder" = "$own" ] || others=$others${others:+:}$folder
done
PATH=$others
program=$(command -v docker) || {
	echo 'docker: not found' >&2
	exit 127
}
exec sudo -n -- "$program" ${DOCKER_HOST:+-H "$DOCKER_HOST"} "$@"
PROGRAM
	}
)
