# shellcheck shell=sh
# A `docker` for the steps of a run, whose PATH begins with its folder. It calls the host's docker, and marks what that starts inside of
# containers with the step's own mark, as a variable of its environment: such a command goes on when the docker that started it is
# ended, and by its mark a cancel finds it (supervisor.sh). Everything else it passes on as it is. Only root sees the marks inside
# containers, so for other users it is noted that the step has started something there (inside.NUMBER in the run's folder). Needs
# next-program.sh.
# shellcheck disable=SC2154 # program is set there

mark=backout_step=${backout_step:-}

note_inside() {
	number=${backout_step%/}
	[ -z "${run_facts:-}" ] || [ "$(id -u)" = 0 ] || touch "${run_facts%/*}/inside.${number##*/}" 2>/dev/null
}

# takes_value: succeeds for an option before the command, of docker or of Compose, whose value is the next argument: that is no command.
takes_value() {
	case $1 in
		-H | --host | -c | --context | --config | -l | --log-level | --tlscacert | --tlscert | --tlskey) return 0 ;;
		-f | --file | -p | --project-name | --profile | --env-file | --project-directory | --ansi | --progress | --parallel) return 0 ;;
		*) return 1 ;;
	esac
}

# Others may have many arguments, and need no look at each.
case " $* " in
	*' exec '* | *' run '*) left=$# ;;
	*) left=0 ;;
esac
# Each argument moves from the front to the end; the mark comes after the command.
found='' value='' group=''
while [ "$left" -gt 0 ]; do
	argument=$1
	shift
	left=$((left - 1))
	set -- "$@" "$argument"
	[ -z "$found" ] || continue
	if [ -n "$value" ]; then
		value=
		continue
	fi
	case $argument in
		exec | run)
			found=1
			set -- "$@" -e "$mark"
			note_inside
			;;
		compose | container) if [ -z "$group" ]; then group=$argument; else found=1; fi ;;
		-*) ! takes_value "$argument" || value=1 ;;
		*) found=1 ;;
	esac
done
exec "$program" "$@"
