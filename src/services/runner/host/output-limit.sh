# shellcheck shell=sh
# Keeps "out" small while a step writes to it, by making its middle a hole (fallocate(1), -p): the file keeps its length, so offsets stay
# valid, and there is no program between a step and its file that could die or be slow. cut_output does it once. The record is written
# first, so that a reader of a hole finds it in the records. The file "limits" says how much is kept of the beginning and of the end, or is
# empty if holes cannot be made. Holes consist of whole blocks of 64 KiB, as in output-limit.ts.

find_cut() {
	cut=$(sed -n 's/^gap [0-9]* //p' records | tail -n 1)
	cut=${cut:-$head_bytes}
}

cut_output() {
	size=$(stat -c %s out)
	end=$(((size - tail_bytes) / 65536 * 65536))
	[ $((end - cut)) -ge "$1" ] || return
	printf 'gap %s %s\n' "$head_bytes" "$end" >>records
	fallocate -p -o "$head_bytes" -l $((end - head_bytes)) out
	cut=$end
}

limit_output() {
	# It ends after the step's shell, not before: a program that ignores TERM may still print.
	trap '' HUP INT TERM
	seen=0
	while kill -0 "$$" 2>/dev/null; do
		cut_output $((tail_bytes / 4))
		if [ "$size" = "$seen" ]; then seconds=0.5; else seconds=0.1; fi
		# The sleep does not carry the step's mark (find-marked.sh): it ends only after the shell that waits for it was killed.
		backout_step='' sleep "$seconds" 2>/dev/null || backout_step='' sleep 1
		seen=$size
	done
}

begin_limit() {
	head_bytes='' tail_bytes='' limiter=
	read -r head_bytes tail_bytes <limits 2>/dev/null
	[ -n "$tail_bytes" ] || return
	find_cut
	limit_output </dev/null >/dev/null 2>&1 5<&- 7<&- 9<&- &
	limiter=$!
}

# end_limit: makes the last cut, before the end is recorded.
end_limit() {
	[ -n "$limiter" ] || return
	kill -KILL "$limiter" 2>/dev/null
	wait "$limiter" 2>/dev/null
	find_cut
	cut_output 65536
}
