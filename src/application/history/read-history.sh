# shellcheck shell=sh
# Prints what the host knows about earlier deployments besides its containers and the journal, a line each, with tabs between: the newest
# entries of the reflog as `move COMMIT SECONDS NAME ENTRY SUBJECT`, the commits that runs noted at their end as `run ID COMMIT`, and
# verdicts on commits as `verdict COMMIT WORD`. Comes after the function git. Reads: state_dir (may be empty).

git --no-pager log -g --no-color --date=unix -n 200 --format='move%x09%H%x09%gd%x09%gn%x09%gs%x09%s' HEAD -- 2>/dev/null |
	LC_ALL=C sed 's/\(HEAD\)@{\([0-9]*\)}/\2/'
[ -n "$state_dir" ] || exit 0
# One process for all runs; a run that was pruned has no facts any more.
(cd "$state_dir/runs" 2>/dev/null && grep -s "^deployed_commit	" ./*/facts) |
	LC_ALL=C sed -n 's,^\./\([^/]*\)/facts:deployed_commit	\([0-9a-f]*\)$,run	\1	\2,p' | tail -n 500
tail -n 500 "$state_dir/commits" 2>/dev/null | LC_ALL=C sed -n 's/^\([0-9a-f]*\) \(good\|bad\) .*/verdict	\1	\2/p'
exit 0
