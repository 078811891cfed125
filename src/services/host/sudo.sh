# shellcheck shell=sh
# Creates a program `docker` that calls Docker through sudo, for logins that may use Docker only that way. programs.sh puts its folder first
# in PATH, so that scripts, the programs that they start (timeout, xargs) and the steps of a run all use it, however they call docker. Reads
# backout_sudo_program, the program's text.

(
	umask 077
	folder=$HOME/.cache/backout/sudo
	[ "$(cat "$folder/docker" 2>/dev/null)" = "$backout_sudo_program" ] || {
		mkdir -p "$folder" && printf '%s\n' "$backout_sudo_program" >"$folder/.docker.$$" && chmod 700 "$folder/.docker.$$" && mv -f "$folder/.docker.$$" "$folder/docker"
	}
)
