# shellcheck shell=sh
# Runs ssh as a master connection, and ends it with the program that started it.
#
# $1: the private folder with its control socket, removed at the end; the rest: the ssh command. Standard input: open as long as
# that program lives.
folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
{
	read -r _
	# The whole process group: a jump host's ssh and a ProxyCommand are in it.
	trap '' TERM
	kill -TERM 0
} <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-
# Told to end, it waits for ssh to end, which is told the same.
trap : TERM
wait "$ssh"
code=$?
wait "$ssh" 2>/dev/null
kill "$watcher" 2>/dev/null
rm -rf -- "${folder:?}"
exit "$code"
