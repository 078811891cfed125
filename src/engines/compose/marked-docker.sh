#!/bin/sh
# A `docker` for the steps of a run, whose PATH begins with its folder. It calls the host's docker, and marks what that starts inside of
# containers with the step's own mark, as a variable of its environment: such a command goes on when the docker that started it is
# ended, and by its mark a cancel finds it (supervisor.sh). Everything else it passes on as it is.

# The next docker of PATH, wherever the folder of this one is in it.
own=${0%/*} rest=$PATH: others=
while [ -n "$rest" ]; do
	folder=${rest%%:*} rest=${rest#*:}
	[ "$folder" = "$own" ] || others=$others${others:+:}$folder
done
PATH=$others
program=$(command -v docker) || {
	echo 'docker: not found' >&2
	exit 127
}
mark=backout_step=${backout_step:-}

# Options of Compose before its command that take a value: what follows them is no command.
takes_value() {
	case $1 in
		-f | --file | -p | --project-name | --profile | --env-file | --project-directory | --ansi | --progress | --parallel) return 0 ;;
		*) return 1 ;;
	esac
}

case ${1:-} in
	exec | run)
		command=$1
		shift
		exec "$program" "$command" -e "$mark" "$@"
		;;
	compose)
		# Each argument goes from the front to the end; the mark comes after the command.
		left=$# found='' value=1
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
					;;
				-*) ! takes_value "$argument" || value=1 ;;
				*) found=1 ;;
			esac
		done
		;;
esac
exec "$program" "$@"
