# shellcheck shell=sh
# Runs ssh as a master connection, and ends it with the program that started it.
#
# $@: the ssh command. Standard input: open as long as that program lives.
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
wait "$ssh"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
