# shellcheck shell=sh
# Prints a line for each change of a pod of the namespace, until the API server ends the stream: it ends every one some time, and at once where
# what it is asked to go on from has expired. A stream that was cut without a word is given up after five minutes. Needs until-hung-up.sh and
# kubectl.sh.

# shellcheck disable=SC2034 # kube reads it
kube_by=until_hung_up
kube get pods --watch-only --output=name --request-timeout=300s
