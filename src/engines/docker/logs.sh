# shellcheck shell=sh
# Prints the log of a container. Needs until-hung-up.sh. Reads: id; since, until, tail, follow, timestamps (each may be empty).

set --
[ -z "$since" ] || set -- "$@" --since "$since"
[ -z "$until" ] || set -- "$@" --until "$until"
[ -z "$tail" ] || set -- "$@" --tail "$tail"
[ -z "$follow" ] || set -- "$@" --follow
[ -z "$timestamps" ] || set -- "$@" --timestamps
until_hung_up docker logs "$@" "$id"
