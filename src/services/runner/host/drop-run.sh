# shellcheck shell=sh
# drop_run ID WHY takes away all of a run but what the journal tells of it: who, why, when, result, verdicts. What could
# not be taken away is in `left`; false when nothing was. Needs drop-restore-point.sh. Reads: state.

drop_run() {
	drop_restore_point "$1" || return
	printf '%s000 %s\n' "$(date +%s)" "$2" >"$state/runs/$1/pruned" || return
	for path in "$state/runs/$1"/* "$state/runs/$1"/.[!.]*; do
		case ${path##*/} in
			about.json | started | result | verdicts | records | facts | cancel | alive | pruned) ;;
			*) rm -rf "$path" || left="${left:+$left, }$path" ;;
		esac
	done
}
