# shellcheck shell=sh
# Runs ssh as a master connection, and ends it when the program that started it ends.
#
# $1: the private folder of the control socket, removed at the end. The other arguments: the ssh command. Standard input stays open as long
# as that program lives.
folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
{
	read -r _
	# Ends the whole process group: a jump host's ssh and a ProxyCommand are in it.
	trap '' TERM
	kill -TERM 0
} <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-
# When it is told to end, it waits for ssh to end, which is told the same.
trap : TERM
wait "$ssh"
code=$?
wait "$ssh" 2>/dev/null
kill "$watcher" 2>/dev/null
rm -rf -- "${folder:?}"
exit "$code"
