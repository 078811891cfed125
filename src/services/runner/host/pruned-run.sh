# shellcheck shell=sh
# Names the files of a run that stay when it is pruned, and tells whether a prune was completed: one that was killed is repeated.

is_of_journal() {
	case $1 in
		about.json | started | result | verdicts | records | facts | cancel | alive | pruned) ;;
		*) return 1 ;;
	esac
}

# is_pruned ID: succeeds if nothing is left of the run but what the journal shows. Reads: state.
is_pruned() {
	[ -e "$state/runs/$1/pruned" ] || return
	for path in "$state/runs/$1"/* "$state/runs/$1"/.[!.]*; do
		[ ! -e "$path" ] || is_of_journal "${path##*/}" || return
	done
}
