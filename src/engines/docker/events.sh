# shellcheck shell=sh
# Prints Docker's events of a project's containers, a JSON object per line. A command whose client is gone keeps running until it next
# writes, so timeout ends it in any case, and the caller starts it again. Reads: project, actions, since, until (may be empty).

set -- --filter type=container --filter "label=com.docker.compose.project=$project"
for action in $actions; do set -- "$@" --filter "event=$action"; done
[ -z "$since" ] || set -- "$@" --since "$since"
[ -z "$until" ] || set -- "$@" --until "$until"
exec timeout 600 docker events "$@" --format '{{json .}}'
