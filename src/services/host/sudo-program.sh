# shellcheck shell=sh
# backout calls Docker by sudo here, as `sudo: true` of a target says. backout made this file, and makes it again when it needs it.
# Needs next-program.sh.
# shellcheck disable=SC2154 # program is set there
exec sudo -n -- "$program" ${DOCKER_HOST:+-H "$DOCKER_HOST"} "$@"
