# shellcheck shell=sh
# runs_by_start: prints MS ID of each run, newest first, by its start on the host's clock: the time in an id is from the machine that
# started the run. A run whose folder has lost its start is sorted by its id. Reads: state.
runs_by_start() {
	# shellcheck disable=SC2010 # ls takes any number of names, and only ids pass
	ls -1 "$state/runs" 2>/dev/null | grep '^[0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{6\}$' | while read -r one; do
		at=
		[ ! -r "$state/runs/$one/started" ] || read -r at <"$state/runs/$one/started"
		case $at in
			'' | *[!0-9]*)
				day=$(printf '%s' "$one" | sed 's/^\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\).*/\1-\2-\3 \4:\5:\6/')
				at=$(date -u -d "$day" +%s 2>/dev/null || echo 0)000
				;;
		esac
		printf '%s %s\n' "$at" "$one"
	done | sort -rn
}
