# shellcheck shell=sh
# Succeeds if the wanted commit is the deployed one or newer: that rolls nothing back. Comes after the function git. Reads: wanted_commit.

head=$(git rev-parse --verify -q HEAD 2>/dev/null) && git merge-base --is-ancestor "$head" "$wanted_commit" 2>/dev/null
