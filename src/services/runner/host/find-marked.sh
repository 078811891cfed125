# shellcheck shell=sh
# add_left PROCESS adds a process to "left" that is not there yet.
add_left() { case " $left " in *" $1 "*) ;; *) left="$left $1" ;; esac }

# find_marked MARK adds to "left" the processes that have RUN/, or RUN/STEP/, at the beginning of their variable backout_step. Zombies
# have no environment.
find_marked() {
	for file in $(grep -ls "backout_step=$1" /proc/[0-9]*/environ); do
		file=${file#/proc/}
		add_left "${file%/environ}"
	done
}
