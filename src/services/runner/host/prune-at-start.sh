# shellcheck shell=sh
# Kept in a run's folder as prune.sh, after the functions that it needs: git-as-owner.sh, drop-restore-point.sh, pruned-run.sh, drop-run.sh
# and find-prunable.sh. The supervisor of a changing run first runs `sh prune.sh ID` in the run's folder. It prints what it deleted.
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
# Starts that were cut off at least a day ago, and the places of withdrawn ones, which no start will use any more.
for cut in "$state"/runs/.[0-9]*; do
	at=$(stat -c %Y "$cut" 2>/dev/null) || continue
	[ "$(($(date +%s) - at))" -lt 86400 ] || rm -rf "$cut"
done
