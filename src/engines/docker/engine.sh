# shellcheck shell=sh
# The command docker, as all scripts call it.

# engine ARGUMENT...: docker with a time limit, so that a hung daemon cannot hang the script, and without standard input. It starts nothing
# inside containers, so in a step it needs no mark (marked-docker.sh): host_path is the PATH without that.
engine() { PATH=${host_path:-$PATH} timeout -k 2 "${engine_timeout:-20}" docker "$@" </dev/null; }
