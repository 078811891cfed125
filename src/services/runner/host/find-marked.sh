# shellcheck shell=sh
# add_left PROCESS: adds a process to "left", once.
add_left() { case " $left " in *" $1 "*) ;; *) left="$left $1" ;; esac }

# find_marked MARK: adds to "left" the processes whose variable backout_step begins with RUN/, or RUN/STEP/. Zombies have no environment.
find_marked() {
	for file in $(grep -ls "backout_step=$1" /proc/[0-9]*/environ); do
		file=${file#/proc/}
		add_left "${file%/environ}"
	done
}
