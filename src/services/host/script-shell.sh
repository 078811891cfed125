# shellcheck shell=sh
# One shell that runs many programs at the same time, so that a caller with many scripts needs one session. It reads its orders from
# standard input: assignments of texts that several programs contain, and calls of `program`, in the background.
#
# Reads: mark, which it prints when it can take orders. Then it prints lines on standard output: the number of a program, a space, what the
# line is, and its text:
#   o, e   a line of the program's standard output or standard error, after a colon; after a plus only a part of it. The last line ends
#          with an x that the program did not print, so that a missing line end is known
#   x      its exit code
#   .      it has ended
# Lines are written at most 512 bytes at a time, which programs do not mix (PIPE_BUF in POSIX).

exec 5>&1

# frame START: prints standard input as such lines, several at once.
frame() {
	LC_ALL=C awk -v start="$1" '
		function put(line) {
			if (length(lines) + length(line) > 500) flush()
			lines = lines line "\n"
		}
		function flush() {
			printf "%s", lines
			fflush()
			lines = ""
		}
		{
			size = length($0)
			for (at = 1; at + 400 <= size; at += 400) put(start "+" substr($0, at, 400))
			put(start ":" substr($0, at))
		}
		END { flush() }
	' >&5
}

# program NUMBER TEXT...: runs the texts, one after the other, as one program.
program() {
	number=$1
	shift
	{
		{
			printf '%s\n' "$@" | sh -s 2>&4 4>&- 5>&-
			printf '%s x:%s\n' "$number" "$?" >&5
			echo x
			echo x >&4
		} | frame "$number o"
	} 4>&1 | frame "$number e"
	printf '%s .:\n' "$number" >&5
}

if command -v awk >/dev/null 2>&1; then
	printf '%s\n' "$mark"
else
	exit 1
fi
