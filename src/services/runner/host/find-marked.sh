# shellcheck shell=sh
# add_left PROCESS: adds a process to "left", once.
add_left() { case " $left " in *" $1 "*) ;; *) left="$left $1" ;; esac }

# limited COMMAND...: runs a search for processes, for at most search_seconds: while something starts processes all the time, a search takes
# long, and reading about a process that hangs in the kernel may hang, too.
limited() {
	# shellcheck disable=SC2154 # the caller may set it
	if command -v timeout >/dev/null 2>&1; then timeout "${search_seconds:-20}" "$@"; else "$@"; fi
}

# note_search STATUS: sets incomplete when a search was not finished. Then nothing proves that no process is left. The program grep ends
# with 2 where a process has ended meanwhile.
# shellcheck disable=SC2034 # the callers read it
note_search() { [ "$1" -lt 124 ] || incomplete=1; }

# find_marked MARK: adds to "left" the processes whose variable backout_step begins with RUN/, or RUN/STEP/. Zombies have no environment.
find_marked() {
	found=$(limited grep -ls "backout_step=$1" /proc/[0-9]*/environ)
	note_search "$?"
	for file in $found; do
		file=${file#/proc/}
		add_left "${file%/environ}"
	done
}
