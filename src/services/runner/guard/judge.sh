# shellcheck shell=sh
# How a guard on the host judges containers: as the check `containers` does (services/checks/containers.ts), with what a shell can know.
# What is not sure is unknown. Needs the engine's list_watched. Reads: watch_dir.

# read_instances: reads the containers once for all checks of a round; without an answer there is no file.
read_instances() {
	[ ! -f "$watch_dir/instances" ] || mv "$watch_dir/instances" "$watch_dir/instances.before"
	list_watched >"$watch_dir/instances.new" && mv "$watch_dir/instances.new" "$watch_dir/instances"
}

# judge_instances EXPECTED: prints a line `before` if every container that is not well was down before the newest one was created, then the
# reason. Returns 0, 1 or 75. EXPECTED: lines SERVICE TAB NUMBER TAB KIND. The kind says what the end of a container with code 0 means:
# `serves` (it should run), `job` (it is done), `ends` (it is done unless its restart policy says otherwise), `unclear`.
judge_instances() {
	if [ ! -f "$watch_dir/instances" ]; then
		echo 'the engine does not answer'
		return 75
	fi
	[ -f "$watch_dir/instances.before" ] || : >"$watch_dir/instances.before"
	printf '%s\n' "$1" >"$watch_dir/expected"
	LC_ALL=C awk -F '\t' '
		function add(text) { why = why (why == "" ? "" : "; ") text }
		# Says why a container is not well, or nothing.
		function trouble(n) {
			if (status[n] == "running") {
				if (health[n] == "unhealthy") return "is unhealthy"
				if (health[n] == "starting") return "is up, but its health check has not passed yet"
				return ""
			}
			if (status[n] == "restarting") return "is restarting, exit code " code[n] ", restarted " restarts[n] " times"
			return "is " status[n] ", exit code " code[n]
		}
		FILENAME ~ /expected$/ { if ($1 != "") { order[++services] = $1; wanted[$1] = $2; kind[$1] = $3 } next }
		FILENAME ~ /before$/ { had[$3] = $10; next }
		{
			n++; service[n] = $1; name[n] = $2; status[n] = $4; health[n] = $5; code[n] = $6; restarts[n] = $7; policy[n] = $8
			created[n] = $9; finished[n] = $11; up[n] = $12; period[n] = $13
			again[n] = ($3 in had) && had[$3] != $10
			found[$1]++
			if ($9 > newest) newest = $9
			if (trouble(n) == "") well[$1]++
		}
		END {
			hopeless = 1
			for (s = 1; s <= services; s++) {
				one = order[s]
				if (wanted[one] == 0) continue
				if (found[one] + 0 < wanted[one]) {
					hopeless = 0; failed = 1
					add(found[one] + 0 == 0 ? one " has no container" : found[one] " of " wanted[one] " containers of " one " exist")
				}
				for (i = 1; i <= n; i++) {
					if (service[i] != one) continue
					called = found[one] > 1 ? name[i] : one
					said = trouble(i)
					if (said == "") {
						if (again[i]) { failed = 1; hopeless = 0; add(one " was restarted just now") }
						else if (up[i] != "-" && period[i] != "-" && period[i] <= 600 && up[i] <= period[i]) {
							failed = 1; hopeless = 0
							add(one " crashed about every " period[i] " s before, and has been up for " up[i] " s")
						}
						continue
					}
					stays = status[i] == "exited" || status[i] == "dead" || status[i] == "created" || status[i] == "removing"
					# As many as there should be run without it.
					if (stays && well[one] >= wanted[one]) continue
					if (status[i] == "exited" && code[i] == 0 && kind[one] != "serves") {
						if (kind[one] == "job") continue
						if ((policy[i] == "no" || policy[i] == "on-failure") && health[i] == "-") {
							if (kind[one] == "ends") continue
							unclear = 1
							add(called " exited with code 0, and nothing shows whether it is a finished job or was stopped")
							continue
						}
					}
					failed = 1
					if (!stays) hopeless = 0
					since = finished[i] ~ /^0001|^-/ ? created[i] : finished[i]
					if (since >= newest) hopeless = 0
					add(called " " said)
				}
			}
			if (failed) { if (hopeless) print "before"; print why; exit 1 }
			if (unclear) { print why; exit 75 }
			print "as many containers run as there should be"
		}' "$watch_dir/expected" "$watch_dir/instances.before" "$watch_dir/instances"
}

# ask_containers N: after the rollback, what its plan expects has to run.
ask_containers() { judge_instances "$(value "$1" "services${after:-}")"; }
