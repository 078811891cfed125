# shellcheck shell=sh
# Standard output: the bytes of "out" from $from. Standard error: the records and, when the supervisor is gone, "END SIZE" on a line of its
# own, also after a record that was cut off; or GONE when nothing more can come, because the folder no longer exists or a process here was
# ended. Ends when its input is closed, by the viewer or because the link is lost. It ends each of its processes by id: one that waits in
# flock would otherwise stay until the run has ended.
# Needs locate-state.sh, enter-run.sh. Reads: from, length (may be empty).

enter_run
here=$(pwd -P)
# The sender of notices leaves a verdict to those who follow (notify.sh).
if [ -r notify.followed ]; then
	exec 4<notify.followed
	flock -s -n 4
fi
trap : HUP INT PIPE TERM
if [ -n "$length" ]; then
	tail -c "+$from" out 2>/dev/null | head -c "$length" &
else
	tail -c "+$from" -f out 2>/dev/null &
fi
output=$!
tail -c +1 -f records >&2 &
records=$!
if [ -n "$length" ]; then
	printf '\nEND %s\n' "$((from - 1 + length))" >&2
	end=
elif [ -e alive ]; then
	flock -s alive sh -c 'printf "\nEND %s\n" "$(stat -c %s out)" >&2' &
	end=$!
else
	printf '\nEND %s\n' "$(stat -c %s out)" >&2
	end=
fi
# watch_folder: tail and flock stay silent for ever if their files are deleted, so this notices it.
watch_folder() {
	nap=
	trap 'kill "$nap" 2>/dev/null; exit' TERM
	while [ -e "$here/out" ] && { [ -n "$length" ] || kill -0 "$output"; } && kill -0 "$records"; do
		sleep 2 &
		nap=$!
		wait "$nap"
	done >/dev/null 2>&1
	printf '\nGONE\n' >&2
}
# end_own SIGNAL PROCESS...: ends those that are still children of this shell. A shell may have waited for one that has ended, whose number is
# then given to others. Without /proc, on the demo host on macOS, it cannot tell.
end_own() {
	signal=$1
	shift
	if ! read -r line 2>/dev/null </proc/self/stat; then
		kill "-$signal" "$@" 2>/dev/null
		return
	fi
	shell=${line%% *}
	for process; do
		read -r line 2>/dev/null <"/proc/$process/stat" || continue
		# The fields after the name, which may contain anything: state, parent (proc(5)).
		set -- ${line##*) }
		[ "$2" != "$shell" ] || kill "-$signal" "$process" 2>/dev/null
	done
}
watch=
if [ -e out ] || [ ! -d "$here" ]; then
	watch_folder &
	watch=$!
fi
cat >/dev/null
# KILL for programs: a process that is not yet one of them still has this shell's trap, and would forget a TERM when it becomes one. The
# subshell is told by TERM, as it has a process of its own; if it forgets that, it sees within two seconds that the others are gone.
# shellcheck disable=SC2086 # empty or one word
end_own KILL "$output" "$records" $end
[ -z "$watch" ] || end_own TERM "$watch"
