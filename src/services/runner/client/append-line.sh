# shellcheck shell=sh
# Appends $line to $file of a run. Needs enter-run.sh, append-to.sh and what they need. Reads: file, what (for messages), line.

enter_run
append_to "$file" "$what run $id"
