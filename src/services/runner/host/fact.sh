# shellcheck shell=sh
# fact NAME VALUE: notes a value of one line in the run's record: the journal shows it, and later steps and an undo read it. Reads:
# run_facts.

fact() { printf '%s\t%s\n' "$1" "$2" >>"$run_facts"; }
