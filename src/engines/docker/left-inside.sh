# shellcheck shell=sh
# sh left-inside.sh SECONDS: prints what has begun inside containers of the project in the last SECONDS and still runs, and which containers
# were created since then beside the project's own and still run. A step may start these without the docker that marks them
# (marked-docker.sh): by a path, by sudo, by docker-compose. Docker does not tell who started them. Needs engine.sh. Reads: project.
# Does not print arguments, which may contain secrets, nor health checks, which Docker starts itself. Exits 1 when Docker does not answer.
# shellcheck disable=SC2016 # Go templates and awk have variables of their own

tab=$(printf '\t')
# shellcheck disable=SC2034 # engine.sh reads it
engine_timeout=5

# health_check ID: prints the command of its health check, or nothing: not every docker has the field where there is none.
health_check() {
	said=$(engine inspect --format '{{range $at, $word := .Config.Healthcheck.Test}}{{if $at}}{{$word}} {{end}}{{end}}' "$1" 2>/dev/null | head -n 1)
	printf '%s' "${said% }"
}

# name_processes ID PID NAME: prints the processes that no other process of the container has started, but for its first.
name_processes() {
	check=$(health_check "$1")
	engine top "$1" -eo pid,ppid,etime,args 2>/dev/null | init=$2 name=$3 check=$check since=$since awk '
		function seconds(time, parts, n, days) {
			days = 0
			if (index(time, "-")) { days = substr(time, 1, index(time, "-") - 1); time = substr(time, index(time, "-") + 1) }
			n = split(time, parts, ":")
			return days * 86400 + (n > 2 ? parts[n - 2] * 3600 : 0) + parts[n - 1] * 60 + parts[n]
		}
		NR == 1 { next }
		{
			pid[NR] = $1; parent[NR] = $2; age[NR] = seconds($3); there[$1] = 1
			program[NR] = $4; sub(/.*\//, "", program[NR])
			ours[NR] = (ENVIRON["check"] != "" && index($0, ENVIRON["check"])) || index($0, "pid,ppid,etime,args")
		}
		END {
			for (n = 2; n <= NR; n++) if (pid[n] != ENVIRON["init"] && pid[n] != 1 && !(parent[n] in there) && age[n] <= ENVIRON["since"] + 0 && !ours[n])
				printf "%s (process %s in %s)\n", program[n], pid[n], ENVIRON["name"]
			exit NR == 0
		}' || echo "something unknown in $3, whose processes Docker does not tell"
}

# in_words: joins lines with commas.
in_words() { sed 's/.*/, &/' | tr -d '\n' | sed 's/^, //'; }

since=$1
# Both times are of whole seconds.
began=$(date -u -d "@$(($(date +%s) - since - 1))" +%Y-%m-%dT%H:%M:%S 2>/dev/null)
ids=$(engine ps -q --no-trunc 2>/dev/null) || exit 1
[ -n "$ids" ] || exit 0
# shellcheck disable=SC2086 # ids have no blanks
all=$(engine inspect --format '{{.Id}}{{"\t"}}{{.State.Pid}}{{"\t"}}{{.Created}}{{"\t"}}{{.Name}}{{"\t"}}{{index .Config.Labels "com.docker.compose.project"}} {{index .Config.Labels "com.docker.compose.oneoff"}}' $ids 2>/dev/null)
inside=$(printf '%s\n' "$all" | while IFS=$tab read -r id pid _ name its; do
	[ "${its%% *}" != "$project" ] || name_processes "$id" "$pid" "${name#/}"
done | in_words)
beside=$(printf '%s\n' "$all" | while IFS=$tab read -r _ _ created name its; do
	case $its in "$project False") continue ;; esac
	[ -z "$began" ] || [ "$(printf '%s\n' "$began" "$created" | LC_ALL=C sort | head -n 1)" != "$began" ] || printf '%s\n' "${name#/}"
done | in_words)
[ -z "$inside" ] || printf 'Begun inside containers during this step and still running, whoever began it: %s\n' "$inside"
[ -z "$beside" ] || printf 'Containers created during this step and still running, whoever created them: %s\n' "$beside"
