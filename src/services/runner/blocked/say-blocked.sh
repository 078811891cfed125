# shellcheck shell=sh
# say_blocked COMMIT IMAGES: if a blocked version is this commit, or has one of these images (one a line), says which, why and until when;
# fails if none is. Needs active-blocks.sh. Reads: state_dir, the folder with the runs.

say_blocked() {
	found=$(active_blocks "$state_dir" | awk -F '\t' -v commit="$1" -v images="$(printf '%s' "$2" | tr '\n' ' ')" '
		BEGIN { count = split(images, list, " "); for (at = 1; at <= count; at++) here[list[at]] = 1 }
		{
			hit = commit != "" && $6 == commit
			count = split($7, ids, ",")
			for (at = 1; at <= count; at++) if (ids[at] in here) hit = 1
			if (hit) line = $0
		}
		END { if (line != "") print line }')
	[ -n "$found" ] || return 1
	printf '%s\n' "$found" | (
		IFS='	' read -r _ run at until by commit image reason
		[ "$commit" = - ] && what="image ${image%%,*}" || what="commit $commit"
		echo "$what was rolled back at $(minute_of "$at") by $by${reason:+ ($reason)} in run $run, and is blocked until $(minute_of "$until")"
	)
}

minute_of() { date -u -d "@$1" '+%Y-%m-%d %H:%M UTC' 2>/dev/null || echo "$1 s"; }
