# shellcheck shell=sh
# The last step of a deployment by a command of the runbook: notes the commit that is deployed now, and fails if that version is blocked, so
# that no verification frees it. Needs active-blocks.sh, say-blocked.sh, the function git and those of the engine. Reads: state_dir.

if commit=$(git rev-parse --verify -q HEAD 2>/dev/null); then fact deployed_commit "$commit"; else commit=; fi
[ -n "$(active_blocks "$state_dir")" ] || {
	echo 'no version is blocked'
	exit 0
}
if blocked=$(say_blocked "$commit" "$(running_images 2>/dev/null)"); then
	fact blocked_version "$blocked"
	echo "a blocked version is deployed: $blocked"
	echo 'roll it back, or allow it with: backout unblock' >&2
	exit 1
fi
echo 'no blocked version is deployed'
