# shellcheck shell=sh
# drop_run ID WHY: deletes a run except what the journal shows: who, why, when, result, verdicts. What could not be deleted is added to
# `left`; fails when nothing was deleted. Needs drop-restore-point.sh. Reads: state.

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
