# shellcheck shell=sh
# changed_since RUN OWN: prints the id of a run that has changed something since RUN began, other than RUN and OWN; fails if there is none.
# Reads: runs, the folder of the runs.

changed_since() {
	read -r since_ms <"$runs/$1/started" || return 2
	for folder in "$runs"/[0-9]*; do
		case $folder in */"$1" | */"$2") continue ;; esac
		read -r began 2>/dev/null <"$folder/started" || continue
		# A guard on the host changes nothing before its second step begins, which may be long after its start.
		if grep -q '^1 watch ' "$folder/step-list" 2>/dev/null; then
			began=$(sed -n 's/^begin 2 [^ ]* \([0-9]*\) .*/\1/p' "$folder/records" | head -n 1)
			[ -n "$began" ] || continue
		fi
		[ "$began" -gt "$since_ms" ] || continue
		! grep -q '"risk":"read-only"' "$folder/about.json" || continue
		# It ended before its restore point, and so before it changed anything.
		if grep -q '"id":"restore-point"' "$folder/plan.json" && ! grep -q '^restore_point' "$folder/facts"; then continue; fi
		printf '%s\n' "${folder##*/}"
		return 0
	done
	return 1
}
