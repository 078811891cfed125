# shellcheck shell=sh
# ports_in_use PROTOCOL/PORT...: prints who has ports of the host, a line each. Every container that runs, and of the given ports the sockets:
#   container ID TAB NAME TAB PROJECT TAB PORTS, as docker ps shows them
#   socket PROTOCOL/PORT TAB ADDRESS TAB PROCESS TAB NAME TAB ID, the last three empty where only root may know; ID of the container that it is in
# The sockets are those of Docker's own network namespace, which need not be that of this login; without one dockerd here there are none.
# Needs `engine`. Reads: proc (where the kernel shows processes; empty: /proc). Changes nothing.

# owner_of INODE: prints the number of the process that has this socket, or nothing.
owner_of() {
	# shellcheck disable=SC2012 # where each link leads is wanted
	ls -l "$proc"/[0-9]*/fd 2>/dev/null | awk -v socket="socket:[$1]" -v skip="$proc/" '
		index($0, skip) == 1 { process = substr($0, length(skip) + 1); sub("/.*", "", process); next }
		$NF == socket { print process; exit }'
}

# listeners PROTOCOL PORT FOLDER: prints ADDRESS INODE of each socket that others cannot bind beside; all addresses of IPv6 are ::, and
# single ones of IPv6 are left out.
listeners() {
	state=0A
	[ "$1" = tcp ] || state=07
	cat -- "$3/$1" "$3/${1}6" 2>/dev/null | awk -v state="$state" -v port="$(printf '%04X' "$2")" '
		function byte(text, at) { return (index("0123456789ABCDEF", substr(text, at, 1)) - 1) * 16 + index("0123456789ABCDEF", substr(text, at + 1, 1)) - 1 }
		function dotted(text) { return byte(text, 7) "." byte(text, 5) "." byte(text, 3) "." byte(text, 1) }
		$4 == state && split($2, at, ":") == 2 && at[2] == port {
			if (length(at[1]) == 8) print dotted(at[1]), $10
			else if (at[1] ~ /^0+$/) print "::", $10
			else if (at[1] ~ /^0000000000000000FFFF0000/) print dotted(substr(at[1], 25)), $10
		}'
}

ports_in_use() {
	proc=${proc:-/proc}
	engine ps --no-trunc --format 'container {{.ID}}	{{.Names}}	{{.Label "com.docker.compose.project"}}	{{.Ports}}' || return
	docker_is=$(pidof dockerd)
	case $docker_is in '' | *[!0-9]*) return 0 ;; esac
	for one; do
		listeners "${one%/*}" "${one#*/}" "$proc/$docker_is/net" | while read -r address inode; do
			process=$(owner_of "$inode")
			name='' within=''
			[ -z "$process" ] || {
				read -r name <"$proc/$process/comm"
				within=$(grep -o -m 1 '[0-9a-f]\{64\}' "$proc/$process/cgroup" | head -n 1)
			} 2>/dev/null
			printf 'socket %s\t%s\t%s\t%s\t%s\n' "$one" "$address" "$process" "$name" "$within"
		done
	done
}
