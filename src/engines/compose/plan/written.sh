# shellcheck shell=sh
# What was written in containers outside of volumes: a new container begins without it. Needs deployment.sh. Changes nothing.

# written_in ID...: prints for each container ID TAB START, and a line for each path that was added or changed: A or C, TAB PATH TAB TIME, in
# seconds since the epoch, or nothing where the host cannot see it; `?` in place of a path where Docker does not say, and `+` where there are
# more than are printed. What images, Docker and programs write all the time is left out.
written_in() {
	# shellcheck disable=SC2034 # engine reads it
	engine_timeout=5
	for id in "$@"; do
		# shellcheck disable=SC2016 # a Go template
		state=$(engine inspect --type container --format '{{.State.StartedAt}} {{.State.Pid}}' "$id" 2>/dev/null) || state='- 0'
		printf '%s\t%s\n' "$id" "${state% *}"
		process=/proc/${state##* }
		# The engine may be on another machine than these processes.
		grep -qsF -e "$id" "$process/mountinfo" || process=
		{ engine diff "$id" 2>/dev/null || echo '?'; } | head -n 20000 | LC_ALL=C awk '
			$0 == "?" { print; exit }
			# A folder in which something was changed says nothing of its own.
			{ path = substr($0, 3); above = path; while (sub(/\/[^\/]*$/, "", above)) parent[above] = 1 }
			!/^[AC] \// { next }
			path ~ /^\/(tmp|run|dev|proc|sys|var\/(tmp|run|lock|log|cache))(\/|$)/ { next }
			path ~ /\/(__pycache__|\.cache|\.npm)(\/|$)|\.(pid|pyc|sock|lock|log|swp)$|_history$|^\/(\.dockerenv|etc\/(hosts|hostname|resolv\.conf|mtab))$/ { next }
			{ kind[++n] = substr($0, 1, 1); name[n] = path }
			END {
				for (i = 1; i <= n; i++) if (!(name[i] in parent)) {
					if (++said > 200) { print "+"; exit }
					print kind[i] "\t" name[i]
				}
			}' | while IFS="$(printf '\t')" read -r kind path; do
			if [ -n "$path" ]; then
				printf '%s\t%s\t%s\n' "$kind" "$path" "$([ -z "$process" ] || stat -c %Y -- "$process/root$path" 2>/dev/null)"
			else
				printf '%s\n' "$kind"
			fi
		done
	done
}
