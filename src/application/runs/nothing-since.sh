# shellcheck shell=sh
# Fails when a run after the failed one has changed something: that may have undone its first steps. Reads: state_dir, continued_run;
# run_facts when it runs in a run.

runs=$state_dir/runs own=
[ -z "${run_facts:-}" ] || own=${run_facts%/facts}
read -r failed_at <"$runs/$continued_run/started" || exit
for folder in "$runs"/[0-9]*; do
	case $folder in "$own" | */"$continued_run") continue ;; esac
	read -r began <"$folder/started" 2>/dev/null || continue
	[ "$began" -gt "$failed_at" ] || continue
	! grep -q '"risk":"read-only"' "$folder/about.json" || continue
	# It ended before its restore point, and so before it changed anything.
	if grep -q '"id":"restore-point"' "$folder/plan.json" && ! grep -q '^restore_point' "$folder/facts"; then continue; fi
	echo "run ${folder##*/} has changed something since: plan the procedure again"
	exit 1
done
echo 'no other run has changed anything'
