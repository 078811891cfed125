# shellcheck shell=sh
# sh shared-lock.sh take RUN START STATE, or free RUN: kept in the folder of a run, where it works. A run that has the lock renews it by itself:
# `renew RUN`, in a session of its own. Needs kubernetes-lock.sh before it.

# shellcheck disable=SC1091 # the environment of the run
. ./environment
umask 077
case $1 in
	take)
		take_shared_lock "$2" "$3" "$4" about.json || exit
		[ ! -e shared-lock.taken ] || setsid sh shared-lock.sh renew "$2" </dev/null >/dev/null 2>&1 5<&- 6<&- 7<&- 8<&- 9<&- &
		;;
	free) free_shared_lock "$2" ;;
	renew) renew_shared_lock "$2" ;;
esac
