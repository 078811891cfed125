# shellcheck shell=sh
# sh shared-lock.sh take RUN START STATE, or free RUN: kept in the folder of a run, where it works. Needs swarm-lock.sh before it.

# shellcheck disable=SC1091 # the environment of the run
. ./environment
stack=${stack:-${project:-}}
umask 077
case $1 in
	take) take_shared_lock "$2" "$3" "$4" about.json ;;
	free) free_shared_lock "$2" ;;
esac
