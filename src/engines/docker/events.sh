# shellcheck shell=sh
# Prints Docker's events of a project's containers, a JSON object per line. It is given up after ten minutes, for a program of sudo's
# that cannot be ended, and the caller starts it again. Needs until-hung-up.sh. Reads: project, actions, since, until (may be empty).

set -- --filter type=container --filter "label=com.docker.compose.project=$project"
for action in $actions; do set -- "$@" --filter "event=$action"; done
[ -z "$since" ] || set -- "$@" --since "$since"
[ -z "$until" ] || set -- "$@" --until "$until"
until_hung_up timeout 600 docker events "$@" --format '{{json .}}'
