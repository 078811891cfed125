# shellcheck shell=sh
# What every script on a manager needs: the Engine API, and the services, tasks and nodes of the stack. Needs engine.sh and json.sh. Reads: stack (the
# name of the stack; without it project), directory.

stack=${stack:-${project:-}}

# api METHOD PATH [FILE]: one request to the Engine API, with the JSON of FILE as its body; prints the body of the answer. Fails with the
# engine's own message on standard error. It goes through `docker system dial-stdio`: to the engine that every other docker command
# reaches, by socket, context or SSH, without another program. HTTP/1.0, so that the answer is not in chunks and ends the connection.
api() (
	folder=$(mktemp -d) || exit
	trap 'rm -rf -- "$folder"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	mkfifo -m 600 "$folder/request" || exit
	length=0
	[ -z "${3:-}" ] || length=$(wc -c <"$3") || exit
	{
		printf '%s %s HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n' "$1" "$2" "$((length))"
		[ -z "${3:-}" ] || cat -- "$3"
	} >"$folder/request" 2>/dev/null &
	# Opened for both: at an end of the input the engine would cancel the request.
	timeout "${engine_timeout:-20}" docker system dial-stdio <>"$folder/request" >"$folder/answer" 2>"$folder/error"
	code=$?
	status=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$folder/answer")
	case $status in
		2*) awk 'body { print } /^\r?$/ { body = 1 }' "$folder/answer" ;;
		'')
			{
				[ "$code" != 124 ] || echo "the engine does not answer within ${engine_timeout:-20} s"
				sed 's/^error during connect: //; q' "$folder/error"
			} >&2
			exit 1
			;;
		*)
			awk 'body { print } /^\r?$/ { body = 1 }' "$folder/answer" | json_row message >&2
			exit 1
			;;
	esac
)

# enter_folder: changes to the folder of the stack file. Fails when it is not on the host.
enter_folder() {
	[ "${folderless:-}" != 1 ] || return 0
	cd -- "$directory" 2>/dev/null || {
		echo "there is no folder $directory on the host"
		return 1
	}
}

# of_stack: prints the filter of the Engine API for what belongs to the stack. Fails when its name is none.
of_stack() {
	case ${stack:-} in '' | *[!A-Za-z0-9_.-]*)
		echo "not the name of a stack: ${stack:-(empty)}" >&2
		return 1
		;;
	esac
	printf '%s' "filters=%7B%22label%22%3A%5B%22com.docker.stack.namespace%3D$stack%22%5D%7D"
}

# services_json: prints the services of the stack as the engine writes them: a JSON array. The specs have no defaults filled in.
services_json() { filter=$(of_stack) && api GET "/services?$filter"; }

# service_rows: prints a line for each service of the stack, sorted, fields separated by tabs: NAME (without the stack's), ID, VERSION,
# IMAGE, REPLICAS (`-`: global or a job), UPDATE STATE (`-`: never updated), SUM of the spec, WHAT ITS TASKS ARE MADE FROM (JSON), SPEC
# (JSON). What tasks are made from has no placement, which Docker may change without making a task anew, and no restart policy and runtime,
# which it does not show of a task.
service_rows() {
	rows=$(services_json) || return
	printf '%s\n' "$rows" | json_rows Spec.Name ID Version.Index Spec.TaskTemplate.ContainerSpec.Image Spec.Mode.Replicated.Replicas \
		UpdateStatus.State 'Spec.TaskTemplate!Placement,RestartPolicy,Runtime' Spec | LC_ALL=C sort | while IFS='	' read -r name id version image replicas update task spec; do
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "${name#"${stack}_"}" "$id" "$version" "$image" "$replicas" "$update" "$(sum_of "$spec")" "$task" "$spec"
	done
}

# sum_of TEXT: prints a short sum by which two texts can be told apart.
sum_of() { printf '%s' "$1" | sha256sum | cut -c 1-16; }

# stack_services: prints the names of the stack's services, one a line.
stack_services() { all=$(service_rows) && printf '%s\n' "$all" | cut -f 1 | sed '/^$/d'; }

# service_row SERVICE: prints its line of `service_rows`. Fails when the engine does not answer, and when there is no such service.
service_row() {
	all=$(service_rows) || return
	printf '%s\n' "$all" | awk -F '\t' -v name="$1" '$1 == name { print; found = 1 } END { exit !found }' || {
		echo "the stack $stack has no service $1" >&2
		return 1
	}
}

# task_rows: prints a line for each task of the stack: ID, SERVICE ID, NODE ID, SLOT, DESIRED STATE, STATE, WHAT IT WAS MADE FROM (JSON), ERROR,
# TIME of the state.
task_rows() {
	filter=$(of_stack) && rows=$(api GET "/tasks?$filter") || return
	printf '%s\n' "$rows" | json_rows ID ServiceID NodeID Slot DesiredState Status.State 'Spec!Placement,RestartPolicy,Runtime' Status.Err Status.Timestamp
}

# node_rows: prints a line for each node, sorted: HOST NAME, ID, STATE, AVAILABILITY, ROLE, VERSION, LEADER (`true` or `-`), SPEC (JSON).
node_rows() {
	rows=$(api GET /nodes) || return
	printf '%s\n' "$rows" | json_rows Description.Hostname ID Status.State Spec.Availability Spec.Role Version.Index ManagerStatus.Leader Spec | LC_ALL=C sort
}

# running_images: prints the images that the running tasks of the stack were made from, one a line.
running_images() {
	filter=$(of_stack) && rows=$(api GET "/tasks?$filter") || return
	printf '%s\n' "$rows" | json_rows Status.State Spec.ContainerSpec.Image | sed -n 's/^running	//p' | LC_ALL=C sort -u
}

# look_swarm: says that the engine of this host is a manager that can decide. Fails, with the reason, when it is not: nothing can be changed then.
look_swarm() {
	# `docker info` would wait for the managers, too.
	said=$(engine version --format '{{.Server.Version}}' 2>&1) || {
		echo "Docker does not answer on the host: $(printf '%s\n' "$said" | tail -n 1)"
		return 1
	}
	said=$(api GET /swarm 2>&1 >/dev/null) || {
		echo "this host cannot decide for the Swarm: $(printf '%s\n' "$said" | head -n 1)"
		return 1
	}
	echo 'this host is a manager of a Swarm with a leader'
}
