# shellcheck shell=sh
# Makes a program `docker` that calls Docker by sudo, for logins that may use it by that alone. programs.sh puts its folder first in
# PATH: then scripts, what they start (timeout, xargs) and a run's steps all use it, whatever way they call docker.
# Reads backout_sudo_program, the program's text.

(
	umask 077
	folder=$HOME/.cache/backout/sudo
	[ -x "$folder/docker" ] || {
		mkdir -p "$folder" && printf '%s' "$backout_sudo_program" >"$folder/.docker.$$" && chmod 700 "$folder/.docker.$$" && mv -f "$folder/.docker.$$" "$folder/docker"
	}
)
