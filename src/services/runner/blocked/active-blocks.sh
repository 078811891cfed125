# shellcheck shell=sh
# active_blocks STATE: prints the lines of the blocks that hold now, oldest first, from the file `blocks` of the state folder STATE. A line
# is, with tabs between: block RUN AT UNTIL BY COMMIT IMAGES REASON, times in seconds since the epoch, `-` for what is not known, images with
# commas between them; or: unblock RUN AT BY REASON. Creates nothing.

active_blocks() {
	[ -n "$1" ] && [ -s "$1/blocks" ] || return 0
	tail -n 1000 "$1/blocks" 2>/dev/null | awk -F '\t' -v now="$(date +%s)" '
		$1 == "block" && NF >= 8 { if (!($2 in line)) order[++count] = $2; line[$2] = $0; until[$2] = $4 }
		$1 == "unblock" { delete until[$2] }
		END { for (at = 1; at <= count; at++) if (order[at] in until && until[order[at]] + 0 > now + 0) print line[order[at]] }'
}
