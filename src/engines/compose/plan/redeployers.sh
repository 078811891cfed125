# shellcheck shell=sh
# Prints what on this host may deploy by itself, and so bring back a version that was rolled back: a line each, at most twelve, what it is
# and what shows it. Only reads, and takes no longer than the engine takes to list its containers. Comes after deployment.sh. Reads: directory,
# redeployers_root (empty: the host's files; tests give a folder).

root=${redeployers_root:-}

# updates: succeeds if a line on standard input pulls commits or images, or starts what was pulled.
updates() {
	LC_ALL=C grep -aqE '(^|[^[:alnum:]_])git( +(-C +[^ ]+|--[a-z-]+=[^ ]+))* +(pull|fetch|reset +--hard)|docker[ -]compose( .*)? (pull|up)( |$)|(^|[^[:alnum:]_])docker +pull( |$)'
}

# text_of LINE: prints the line and the scripts that it starts: crontabs and units mostly name a script. A line `backout_script PATH` comes
# before each.
text_of() (
	printf '%s\n' "$1"
	folder=
	set -f
	# shellcheck disable=SC2086 # into words
	set -- $1
	while [ $# -gt 0 ]; do
		[ "$1" != cd ] || folder=${2:-}
		case $1 in
			/*) script=$1 ;;
			*/*) script=$folder/$1 ;;
			*) script= ;;
		esac
		shift
		# Logs are not scripts.
		case $script in '' | *.log) continue ;; esac
		if [ -f "$root$script" ] && [ -r "$root$script" ]; then
			printf 'backout_script %s\n' "$script"
			head -c 65536 "$root$script" | LC_ALL=C grep -av '^[[:space:]]*#'
		fi
	done
)

# whose: says for which deployment the commands on standard input update something: `ours`, `other`, or `unknown`. Follows cd, the folders
# and files that commands name, projects, and variables that are set to a plain text. Reads: directory, project, our_services, our_images.
whose() {
	our_folder=$(CDPATH='' cd -P -- "$directory" 2>/dev/null && pwd -P) LC_ALL=C awk '
		BEGIN {
			ours[ENVIRON["directory"]]; if (ENVIRON["our_folder"] != "") ours[ENVIRON["our_folder"]]
			project = ENVIRON["project"]
			count = split(ENVIRON["our_services"], list); for (i = 1; i <= count; i++) services[list[i]]
			count = split(ENVIRON["our_images"], list); for (i = 1; i <= count; i++) images[repository(list[i])]
			known = split(ENVIRON["our_services"], list) > 0
			# Options of Compose with a value of their own.
			count = split("-t --timeout --scale --pull --wait-timeout --exit-code-from --attach --no-attach --policy --profile --env-file --progress --ansi", list)
			for (i = 1; i <= count; i++) valued[list[i]]
		}
		function repository(name) { sub(/@.*/, "", name); sub(/:[^:\/]*$/, "", name); sub(/^docker\.io\/(library\/)?/, "", name); return name }
		# Returns a path from the folder where the commands are, or "?".
		function resolved(path, from) {
			while (match(path, /\$[{]?[A-Za-z_][A-Za-z_0-9]*[}]?/)) {
				name = substr(path, RSTART + 1, RLENGTH - 1); gsub(/[{}]/, "", name)
				if (!(name in set)) return "?"
				path = substr(path, 1, RSTART - 1) set[name] substr(path, RSTART + RLENGTH)
			}
			if (path == "" || path ~ /[$`*?~]/) return "?"
			if (path !~ /^\//) { if (from == "?") return "?"; path = from "/" path }
			gsub(/\/(\.?\/)+/, "/", path); sub(/\/\.$/, "", path)
			while (match(path, /\/[^\/]+\/\.\.(\/|$)/)) path = substr(path, 1, RSTART) substr(path, RSTART + RLENGTH)
			if (length(path) > 1) sub(/\/$/, "", path)
			return path
		}
		function judge(path, folder) {
			if (path == "?") { unclear = 1; return }
			for (folder in ours) {
				if (path == folder || index(path, folder "/") == 1) { mine = 1; return }
				# It may reach into the folders below it.
				if (path == "/" || index(folder, path "/") == 1) { unclear = 1; return }
			}
			others = 1
		}
		function statement(text, n, word, i, verb, kind, place, named, hit, value) {
			n = split(text, word)
			place = at
			for (i = 1; i <= n; i++) {
				if (word[i] ~ /^[A-Za-z_][A-Za-z_0-9]*=/) {
					value = word[i]; sub(/=.*/, "", value); named = substr(word[i], length(value) + 2)
					if (value == "COMPOSE_PROJECT_NAME") from_project = named
					else if (value == "COMPOSE_FILE") from_file = named
					set[value] = named
				} else if (word[i] == "cd" || word[i] == "pushd") { if (word[i + 1] == "--") i++; at = place = resolved(i < n ? word[i + 1] : "", at) }
				else if (word[i] == "git") kind = "git"
				else if (word[i] == "compose" || word[i] ~ /docker-compose$/) { kind = "compose"; if (from_file != "") place = folder_of(from_file) }
				else if (kind == "git" && word[i] == "-C") place = resolved(word[++i], place)
				else if (kind == "git" && word[i] ~ /^--work-tree=/) place = resolved(substr(word[i], 13), at)
				else if (kind == "git" && word[i] ~ /^--git-dir=.*\/\.git\/?$/) { value = substr(word[i], 11); sub(/\/\.git\/?$/, "", value); place = resolved(value, at) }
				else if (kind == "git" && word[i] ~ /^(pull|fetch|reset)$/) { judge(place); return }
				else if (kind == "compose" && verb == "" && word[i] ~ /^(-p|--project-name)$/) from_project = word[++i]
				else if (kind == "compose" && verb == "" && word[i] ~ /^--project-name=/) from_project = substr(word[i], 16)
				else if (kind == "compose" && verb == "" && word[i] == "--project-directory") place = resolved(word[++i], at)
				else if (kind == "compose" && verb == "" && word[i] ~ /^--project-directory=/) place = resolved(substr(word[i], 21), at)
				else if (kind == "compose" && verb == "" && word[i] ~ /^(-f|--file)$/) place = folder_of(word[++i])
				else if (kind == "compose" && verb == "" && word[i] ~ /^--file=/) place = folder_of(substr(word[i], 8))
				else if (word[i] in valued) i++
				else if (verb == "" && word[i] ~ /^(pull|up)$/ && kind == "compose") verb = word[i]
				else if (kind == "" && word[i] == "pull" && i > 1 && word[i - 1] ~ /docker$/) { verb = "pull"; kind = "image" }
				else if (verb != "" && word[i] ~ /^[A-Za-z0-9]/ && word[i] !~ /^[0-9]+$/) {
					if (kind == "image") { if (resolved(word[i], "/") == "?") unclear = 1; else if (repository(word[i]) in images) mine = 1; else others = 1; return }
					named = 1; if (word[i] in services) hit = 1
				}
			}
			if (kind == "image" && verb != "") unclear = 1
			if (kind != "compose" || verb == "") return
			if (from_project != "" && from_project !~ /\$/) { if (from_project == project) mine = 1; else others = 1 }
			# Services that this deployment does not have.
			else if (place == "?" && named == 1 && known && !hit) others = 1
			else judge(place)
		}
		function folder_of(path) { path = resolved(path, at); if (path == "?") return "?"; sub(/\/[^\/]*$/, "", path); return path == "" ? "/" : path }
		BEGIN { at = "?" }
		$1 == "backout_script" { script = $2; sub(/\/[^\/]*$/, "", script); next }
		{
			gsub(/\$\(dirname (-- )?"?\$\{?(0|BASH_SOURCE(\[0\])?)\}?"?\)|\$\{0%\/\*\}/, script == "" ? "?" : script)
			gsub(/[0-9]*>>?(&[0-9-]| *[^ ;&|]+)/, ""); gsub(/["\047()]/, " "); gsub(/&&|\|\||[;|&]/, "\n")
			lines = split($0, part, "\n")
			from_project = set["COMPOSE_PROJECT_NAME"]; from_file = set["COMPOSE_FILE"]
			for (l = 1; l <= lines; l++) statement(part[l])
		}
		END { print mine ? "ours" : unclear || !others ? "unknown" : "other" }'
}

# concern WORDS: prints the words unless the commands on standard input update only other deployments; fails if they update nothing.
concern() {
	commands=$(cat)
	printf '%s\n' "$commands" | updates || return
	case $(printf '%s\n' "$commands" | whose) in
		ours) printf '%s\n' "$1" ;;
		unknown) printf '%s (for which deployment is not known)\n' "$1" ;;
	esac
}

# from_containers: containers that update others, agents that deploy, and runners of pipelines, by the last part of their image's name.
from_containers() {
	engine ps --format '{{.Names}} {{.Image}}' 2>/dev/null | while read -r name image; do
		base=${image%%@*}
		base=${base##*/}
		case ${base%%:*} in
			watchtower) what='Watchtower updates containers' ;;
			ouroboros) what='Ouroboros updates containers' ;;
			komodo-periphery | periphery) what="Komodo's Periphery deploys what Komodo asks for" ;;
			doco-cd) what='doco-cd deploys what is pushed' ;;
			wud | tugtainer) what='A container that can update others runs' ;;
			dokploy | coolify | caprover) what="${base%%:*} deploys what is pushed" ;;
			gitlab-runner | github-runner | actions-runner | act_runner | woodpecker-agent | drone-runner-docker | buildkite-agent)
				what='A runner of pipelines takes jobs'
				;;
			*) continue ;;
		esac
		echo "$what: container $name ($image)"
	done
}

# from_processes: runners of pipelines, and agents that deploy, outside of containers or in one. The kernel cuts names to 15 characters.
from_processes() {
	cat "$root"/proc/[0-9]*/comm 2>/dev/null | sort -u | while read -r name; do
		case $name in
			Runner.Listener) echo 'A GitHub Actions runner takes jobs: process Runner.Listener' ;;
			gitlab-runner) echo 'A GitLab runner takes jobs: process gitlab-runner' ;;
			act_runner | forgejo-runner | woodpecker-agen | buildkite-agent | drone-runner-do) echo "A runner of pipelines takes jobs: process $name" ;;
			periphery) echo "Komodo's Periphery deploys what Komodo asks for: process periphery" ;;
			webhook) echo 'webhook runs commands for requests from outside: process webhook' ;;
		esac
	done
}

# from_cron: lines of crontabs, and scripts of cron's folders.
from_cron() {
	for file in "$root"/etc/crontab "$root"/etc/cron.d/* "$root"/var/spool/cron/crontabs/* "$root"/var/spool/cron/*; do
		if [ ! -f "$file" ] || [ ! -r "$file" ]; then continue; fi
		LC_ALL=C grep -avE '^[[:space:]]*(#|$|[A-Za-z_]+[[:space:]]*=)' "$file" | head -n 200 | while IFS= read -r line; do
			text_of "$line" | concern "cron runs $(printf '%s' "$line" | tr '\t' ' ' | cut -c 1-120): ${file#"$root"}"
		done
	done
	for file in "$root"/etc/cron.hourly/* "$root"/etc/cron.daily/* "$root"/etc/cron.weekly/*; do
		if [ ! -f "$file" ] || [ ! -r "$file" ]; then continue; fi
		text_of "${file#"$root"}" | concern "cron runs ${file#"$root"}"
	done
}

# from_timers: enabled systemd timers whose service does so.
from_timers() {
	for timer in "$root"/etc/systemd/system/timers.target.wants/*.timer; do
		[ -e "$timer" ] || [ -L "$timer" ] || continue
		name=${timer##*/}
		unit=$(sed -n 's/^[[:space:]]*Unit[[:space:]]*=[[:space:]]*//p' "$timer" 2>/dev/null | tail -n 1)
		for service in "$root/etc/systemd/system/${unit:-${name%.timer}.service}" "$root/usr/lib/systemd/system/${unit:-${name%.timer}.service}"; do
			[ -r "$service" ] || continue
			works_in=$(sed -n 's/^[[:space:]]*WorkingDirectory[[:space:]]*=-*//p' "$service" | tail -n 1)
			sed -n 's/^[[:space:]]*ExecStart[A-Za-z]*[[:space:]]*=[-@:+!]*//p' "$service" | while IFS= read -r line; do
				if text_of "${works_in:+cd $works_in && }$line" | concern "The timer $name runs $(printf '%s' "$line" | cut -c 1-120)"; then break; fi
			done
			break
		done
	done
}

our_services='' our_images=''
if ids=$(containers_of -a) && [ -n "$ids" ]; then
	# shellcheck disable=SC2086 # ids have no blanks
	looks=$(engine inspect --type container --format '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}}' $ids 2>/dev/null)
	our_services=$(printf '%s\n' "$looks" | cut -d ' ' -f 1) our_images=$(printf '%s\n' "$looks" | cut -s -d ' ' -f 2)
fi
export directory project our_services our_images our_folder
{
	from_containers
	from_processes
	from_cron
	from_timers
} | awk '!seen[$0]++' | head -n 12
