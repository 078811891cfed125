# shellcheck shell=sh
# Ends with 3 if the wanted commit is the deployed one or newer: that rolls nothing back. Comes after the function git. Reads: wanted_commit
# (may be empty).

if [ -n "$wanted_commit" ] && head=$(git rev-parse --verify -q HEAD 2>/dev/null) &&
	git merge-base --is-ancestor "$head" "$wanted_commit" 2>/dev/null; then exit 3; fi
