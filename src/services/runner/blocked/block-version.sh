# shellcheck shell=sh
# Blocks the version that a run has rolled back, and lifts the blocks that a verified deployment makes pointless. Needs git-as-owner.sh,
# on-disk.sh, locate-state.sh, create-state.sh, append-to.sh, active-blocks.sh. Reads: run, by, reason, seconds (how long the block lasts),
# old_commit and old_images (what was rolled back; both empty: nothing is blocked), new_commit (what is deployed now, may be empty), lift (runs whose
# blocks are lifted in any case, one a line).

locate_state
create_state
cd -- "$directory" 2>/dev/null || cd /
now=$(date +%s)

# is_before COMMIT: true if the deployed commit has COMMIT in its history, or is COMMIT: verification has passed with it.
is_before() { [ -n "$new_commit" ] && git_timeout=10 git merge-base --is-ancestor "$1" "$new_commit" 2>/dev/null; }

# add FIELD...: appends them to the file as one line.
add() {
	line=$(printf '%s\t' "$@")
	line=${line%?}
	append_to "$state/blocks" "$state/blocks"
}

active_blocks "$state" | while IFS='	' read -r _ blocked _ _ _ commit _; do
	if printf '%s\n' "$lift" | grep -qxF -e "$blocked" || { [ "$commit" != - ] && is_before "$commit"; }; then
		add unblock "$blocked" "$now" "$by" "verified deployment by run $run"
	fi
done
[ -n "$old_commit$old_images" ] || exit 0
# A newer version was deployed: nothing was rolled back.
if [ -n "$old_commit" ] && is_before "$old_commit"; then exit 0; fi
add block "$run" "$now" "$((now + seconds))" "$by" "${old_commit:--}" "${old_images:--}" "$reason"
