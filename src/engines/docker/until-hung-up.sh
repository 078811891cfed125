# shellcheck shell=sh
# until_hung_up COMMAND...: runs a command that goes on while somebody reads what it prints, and ends it when standard input ends, which is the
# connection. sshd sends no signal to what a session without a terminal has started, and a command that prints nothing does not notice that
# nobody reads it: `docker logs --follow` of a quiet container would stay on the host for good. Ends the shell, with the command's exit code. The
# command must not be a function: the signal is for the program itself. A program of sudo's may not be signalled, and ends when it next prints.
until_hung_up() {
	"$@" </dev/null 3<&- &
	heard_program=$!
	# A program in the background has no standard input of its own.
	{
		read -r _ || :
		kill "$heard_program" || kill "$$"
	} <&3 2>/dev/null &
	heard_end=$!
	heard_code=0
	wait "$heard_program" || heard_code=$?
	kill "$heard_end" 2>/dev/null
	wait "$heard_end" 2>/dev/null
	exit "$heard_code"
} 3<&0
