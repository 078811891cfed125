# shellcheck shell=sh
# What every script on a manager needs. Reads: stack (the name of the stack), directory.

# engine ARGUMENT...: calls docker with a timeout of $engine_timeout seconds (20) and no standard input.
engine() { timeout "${engine_timeout:-20}" docker "$@" </dev/null; }

# enter_folder: changes to the folder of the stack file. Fails when it is not on the host.
enter_folder() {
	cd -- "$directory" 2>/dev/null || {
		echo "there is no folder $directory on the host"
		return 1
	}
}

# service_ids: prints the ids of the services of the stack, one a line.
service_ids() { engine service ls -q --filter "label=com.docker.stack.namespace=$stack"; }

# running_images: prints the images of the services of the stack, one a line.
running_images() (
	ids=$(service_ids) || exit
	# shellcheck disable=SC2086 # ids have no blanks
	[ -z "$ids" ] || engine service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' $ids | LC_ALL=C sort -u
)

# ground: prints a line for each service, sorted: its version changes with whatever somebody changes of it.
ground() (
	ids=$(service_ids) || exit
	# shellcheck disable=SC2086 # ids have no blanks
	[ -z "$ids" ] || engine service inspect --format 'service: {{.Spec.Name}}, id {{.ID}}, version {{.Version.Index}}' $ids | LC_ALL=C sort
)

# ground_holds: compares with the plan's ground, in $plan_ground; prints the difference.
ground_holds() {
	now=$(ground) || return
	[ "$now" != "$plan_ground" ] || {
		echo 'the stack has not changed since the plan was made'
		return 0
	}
	echo 'The stack has changed since the plan was made. Nothing was changed by this run. Plan again.'
	return 1
}

# The engine keeps nothing of a stack yet, so nothing can be put back: a run that wants a restore point is refused.
list_watched() {
	echo 'a guard on the host cannot watch a stack yet' >&2
	return 1
}
keep_files() { :; }
note_containers() {
	echo 'a restore point of a stack cannot be made yet'
	return 1
}
pin_images() { :; }
keep_images() { note_containers; }
drop_images() { :; }
runs_with_images() { :; }
image_ids() { timeout 20 docker image ls -aq --no-trunc </dev/null 2>/dev/null; }
service_differences() {
	echo 'a stack cannot be compared with a restore point yet'
	return 1
}
look_point() { service_differences; }
