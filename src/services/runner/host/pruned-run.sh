# shellcheck shell=sh
# Which files of a run stay when it is pruned, and whether a prune has come to its end: one that was killed is done again.

is_of_journal() {
	case $1 in
		about.json | started | result | verdicts | records | facts | cancel | alive | pruned) ;;
		*) return 1 ;;
	esac
}

# is_pruned ID: nothing is left of the run but what the journal tells of it. Reads: state.
is_pruned() {
	[ -e "$state/runs/$1/pruned" ] || return
	for path in "$state/runs/$1"/* "$state/runs/$1"/.[!.]*; do
		[ ! -e "$path" ] || is_of_journal "${path##*/}" || return
	done
}
