# shellcheck shell=sh
# Runs the command of `backout with-lock` in the deployment's folder, and ends as it does. Reads: directory, locked_command (the words of
# the command, quoted for a shell).

cd "$directory" || exit 1
eval "set -- $locked_command"
code=0
"$@" || code=$?
# The commit that is deployed now, where there is git.
commit=$(git rev-parse --verify -q HEAD 2>/dev/null) && fact deployed_commit "$commit"
exit "$code"
