# shellcheck shell=sh
# sh shared-lock.sh take RUN START STATE, or free RUN: kept in the folder of a run, where it works. A run that has the lock renews it by itself:
# `renew RUN`, in a session of its own. Needs kubernetes-lock.sh before it.

# shellcheck disable=SC1091 # the environment of the run
. ./environment
umask 077
# shellcheck disable=SC2034 # cluster.sh reads it
# Whoever starts this gives it 25 s, or 30 s to free the lock: one call must not use them up.
engine_timeout=5
case $1 in
	take)
		# timeout(1) does not reach a kubectl, which has a time limit of its own; what it writes after this has ended, nobody would free.
		trap 'echo "the API server has not given the shared lock in time"; exit 1' TERM
		take_shared_lock "$2" "$3" "$4" about.json || exit
		[ ! -e shared-lock.taken ] || setsid sh shared-lock.sh renew "$2" </dev/null >/dev/null 2>&1 5<&- 6<&- 7<&- 8<&- 9<&- &
		;;
	free) if [ -e shared-lock.tried ] || [ -e shared-lock.taken ]; then free_shared_lock "$2"; fi ;;
	renew) renew_shared_lock "$2" ;;
esac
