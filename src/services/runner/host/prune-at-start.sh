# shellcheck shell=sh
# Kept in a run's folder as prune.sh, after the functions that it needs: git-as-owner.sh, drop-restore-point.sh, pruned-run.sh,
# drop-run.sh and find-prunable.sh. `sh prune.sh ID`, in the run's folder, is what the supervisor of a changing run does first.
# It says what it dropped.
# shellcheck disable=SC1091 # the environment of the run

# Maximum number that one start deletes (it must not take long), and number of the newest that are never deleted.
most=20 kept=10
. ./environment
state=$(CDPATH='' cd -P ../.. && pwd) || exit
read -r seconds kib <keep || exit
[ "${folderless:-}" = 1 ] || cd -- "$directory" || exit
prunable "$seconds" "$kib" "$most" "$kept" >"$state/runs/${1:?}/prunable"
while IFS='	' read -r id why; do
	left=
	drop_run "$id" "$why"
	printf 'pruned run %s: %s%s\n' "$id" "$why" "${left:+; left: $left}"
done <"$state/runs/$1/prunable"
rm -f "$state/runs/$1/prunable"
# Starts that were cut off a day ago or more, and the places of withdrawn ones, for which no start comes any more.
for cut in "$state"/runs/.[0-9]*; do
	at=$(stat -c %Y "$cut" 2>/dev/null) || continue
	[ "$(($(date +%s) - at))" -lt 86400 ] || rm -rf "$cut"
done
