# shellcheck shell=sh
# Fails when a run after the failed one has changed something: that may have undone its first steps. Needs changed-since.sh. Reads:
# state_dir, continued_run; run_facts when it runs in a run.

# shellcheck disable=SC2034 # changed_since reads runs
runs=$state_dir/runs own=
[ -z "${run_facts:-}" ] || own=${run_facts%/facts}
other=$(changed_since "$continued_run" "${own##*/}")
case $? in
	0)
		echo "run $other has changed something since: plan the procedure again"
		exit 1
		;;
	1) echo 'no other run has changed anything' ;;
	*) exit 1 ;;
esac
