# shellcheck shell=sh
# fact NAME VALUE: notes a value of one line in the run's record: the journal shows it, and later steps and an undo read it. Reads:
# run_facts.
# backup_restored FILE: notes that a backup was restored for real: the reading of the backups says which one, and when. Reads: run_facts,
# run_id, state_dir, run_umask.

fact() { printf '%s\t%s\n' "$1" "$2" >>"$run_facts"; }

backup_restored() {
	fact backup_restored "$1"
	(
		umask "${run_umask:-077}"
		printf '%s\t%s\t%s\t%s\n' "$(date +%s)" "$(stat -c %Y -- "$1")" "$run_id" "$1" >>"$state_dir/restored" || exit
		[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g -- "$state_dir")" "$state_dir/restored"
	)
}
