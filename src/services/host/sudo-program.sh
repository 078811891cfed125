# shellcheck shell=sh
# Calls Docker through sudo, as the target's `sudo: true` says. backout created this file, and creates it again when it needs it. Needs
# next-program.sh.
# shellcheck disable=SC2154 # program is set there
exec sudo -n -- "$program" ${DOCKER_HOST:+-H "$DOCKER_HOST"} "$@"
