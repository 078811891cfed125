# shellcheck shell=sh
# Writes the answer to step $n of a run. Prints "taken", or "late" and the answer that was first. The answer is written to a temporary file
# that is then linked, so that of two simultaneous answers the first counts, and the other operator is told about it. Needs locate-state.sh,
# enter-run.sh. Reads: id, n, word, about (JSON), shown (a line).

enter_run
umask "$private"
late() {
	printf 'late\n'
	cat "answer.$n" 2>/dev/null
	exit 0
}
[ ! -e "answer.$n" ] || late
if grep -q "^end $n " records || [ -s result ] || flock -s -n alive true; then
	late
fi
grep -q "^begin $n " records || refuse "step $n of run $id has not begun" 'attach to the run to see its state'
ms=$(date +%s%3N)
case $ms in *[!0-9]* | ????????????????*) ms=$(date +%s)000 ;; esac
new=answer.$n.$$
printf '%s\n' "$word $ms $about" "$shown" 2>/dev/null >"$new" ||
	{
		rm -f "$new"
		refuse "the answer could not be written on the host" "is there room? df -h '$PWD'"
	}
[ "$(id -u)" != 0 ] || chown -h "$(stat -L -c %u:%g .)" "$new"
ln "$new" "answer.$n" 2>/dev/null || {
	rm -f "$new"
	late
}
rm -f "$new"
printf 'taken\n'
