# shellcheck shell=sh
# on_disk SECONDS PATH…: flushes the file systems of these paths to disk, so that what was written survives a power cut (syncfs(2), by sync
# -f of GNU coreutils and BusyBox; elsewhere sync(1) flushes all of them). Fails when that takes longer. A hanging disk keeps sync alive
# despite every signal; it must not keep the locks of a run (fd 5 to 9) with it.
on_disk() {
	on_disk_seconds=$1
	shift
	timeout "$on_disk_seconds" sh -c 'sync -f -- "$@" || sync' sync "$@" >/dev/null 2>&1 </dev/null 5<&- 6<&- 7<&- 8<&- 9<&-
}
