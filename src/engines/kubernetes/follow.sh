# shellcheck shell=sh
# Follows the log of a pod, each line with its time; with several containers, with `[pod/POD/CONTAINER] ` before it. Needs until-hung-up.sh and
# kubectl.sh. Reads pod, and container, which is empty for all of them. tail and since may be empty.

set --
[ -z "$tail" ] || set -- "$@" --tail="$tail"
[ -z "$since" ] || set -- "$@" --since-time="$since"
if [ -n "$container" ]; then set -- "$@" --container="$container"; else set -- "$@" --all-containers --prefix --max-log-requests=50 --ignore-errors; fi
# shellcheck disable=SC2034 # kube reads it
kube_by=until_hung_up
kube logs --follow --timestamps "$@" "$pod"
