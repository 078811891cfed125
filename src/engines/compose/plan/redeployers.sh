# shellcheck shell=sh
# Prints what on this host may deploy by itself, and so bring back a version that was rolled back: a line each, at most twelve, what it is
# and what shows it. Only reads, and takes no longer than the engine takes to list its containers. Comes after deployment.sh. Reads: directory,
# redeployers_root (empty: the host's files; tests give a folder).

root=${redeployers_root:-}

# updates: succeeds if a line on standard input pulls commits or images, or starts what was pulled.
updates() {
	LC_ALL=C grep -aqE '(^|[^[:alnum:]_])git( +-C +[^ ]+)? +(pull|fetch|reset +--hard)|docker[ -]compose( .*)? (pull|up)( |$)|(^|[^[:alnum:]_])docker +pull( |$)'
}

# line_updates LINE: succeeds if the line does that, or starts a script that does: crontabs and units mostly name a script.
line_updates() (
	printf '%s\n' "$1" | updates && exit
	folder=
	set -f
	# shellcheck disable=SC2086 # into words
	set -- $1
	while [ $# -gt 0 ]; do
		[ "$1" != cd ] || folder=${2:-}
		case $1 in
			/*) script=$root$1 ;;
			*/*) script=$root$folder/$1 ;;
			*) script= ;;
		esac
		shift
		# Logs are not scripts.
		case $script in '' | *.log) continue ;; esac
		if [ -f "$script" ] && [ -r "$script" ] && head -c 65536 "$script" | LC_ALL=C grep -av '^[[:space:]]*#' | updates; then exit 0; fi
	done
	exit 1
)

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
			! line_updates "$line" || printf '%s\n' "cron runs $(printf '%s' "$line" | tr '\t' ' ' | cut -c 1-120): ${file#"$root"}"
		done
	done
	for file in "$root"/etc/cron.hourly/* "$root"/etc/cron.daily/* "$root"/etc/cron.weekly/*; do
		if [ -f "$file" ] && [ -r "$file" ] && head -c 65536 "$file" | LC_ALL=C grep -av '^[[:space:]]*#' | updates; then
			echo "cron runs ${file#"$root"}"
		fi
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
			sed -n 's/^[[:space:]]*ExecStart[A-Za-z]*[[:space:]]*=[-@:+!]*//p' "$service" | while IFS= read -r line; do
				if line_updates "$line"; then
					printf '%s\n' "The timer $name runs $(printf '%s' "$line" | cut -c 1-120)"
					break
				fi
			done
			break
		done
	done
}

{
	from_containers
	from_processes
	from_cron
	from_timers
} | awk '!seen[$0]++' | head -n 12
