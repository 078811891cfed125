# shellcheck shell=sh
# Runs the command of `backout with-lock` in the deployment's folder, and ends as it does; if a blocked version is deployed afterwards, it fails
# in any case. Needs active-blocks.sh, say-blocked.sh. Reads: directory, state_dir, locked_command (the words of the command, quoted for a
# shell).

cd "$directory" || exit 1
before=
[ -z "$(active_blocks "$state_dir")" ] ||
	before=$(say_blocked "$(git rev-parse --verify -q HEAD 2>/dev/null)" "$(running_images 2>/dev/null)")
eval "set -- $locked_command"
code=0
# Programs get the environment of the login alone, as a Compose file may have variables of the same names as ours. Functions (git) keep them.
(
	for given_name in ${backout_given:-}; do
		eval "given_value=\$$given_name"
		unset "$given_name"
		eval "$given_name=\$given_value"
	done
	"$@"
) || code=$?
# The commit that is deployed now, where there is git.
if commit=$(git rev-parse --verify -q HEAD 2>/dev/null); then fact deployed_commit "$commit"; else commit=; fi
[ -n "$(active_blocks "$state_dir")" ] || exit "$code"
if blocked=$(say_blocked "$commit" "$(running_images 2>/dev/null)"); then
	fact blocked_version "$blocked"
	[ "$blocked" = "$before" ] && did='has left a blocked version deployed' || did='has deployed a blocked version'
	echo "the command $did: $blocked"
	echo 'it is deployed now; roll it back, or allow it with: backout unblock' >&2
	[ "$code" != 0 ] || code=1
fi
exit "$code"
