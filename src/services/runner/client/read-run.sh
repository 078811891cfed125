# shellcheck shell=sh
# Prints the files of a run: NAME SIZE, newline, SIZE bytes, newline, for each; and the size of "out".
# Needs locate-state.sh, enter-run.sh, restarted-since.sh.

enter_run
here=$(pwd -P)
emit() {
	[ -r "$1" ] || return
	bytes=$(stat -c %s "$1")
	printf '%s %s\n' "$1" "$bytes"
	head -c "$bytes" "$1"
	echo
}
# Check first for its supervisor, then for the result: in the other order, a run that ends meanwhile would look lost.
if [ ! -e alive ] || flock -s -n alive true 2>/dev/null; then
	echo 'ended 0'
# 1 means held (flock(1)); anything else that it cannot be checked.
elif [ $? = 1 ]; then
	echo 'alive 0'
else
	echo 'unasked 0'
fi
echo
[ -e alive ] || printf 'unminded 0\n\n'
if restarted_since boot; then
	echo 'rebooted 0'
	echo
fi
for file in plan.json about.json started records facts result verdicts readings cancel pruned; do
	emit "$file"
done
printf 'out %s\n' "$(stat -c %s out)"
# Deleted meanwhile, so the files may be incomplete.
[ -d "$here" ] || no_such_run
