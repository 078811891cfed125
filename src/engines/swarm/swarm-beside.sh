# shellcheck shell=sh
# A script on the node where a service has its volumes, which may be a worker: a manager gives no way into a container of another node, but it
# can start one there. Needs json.sh, swarm.sh, swarm-lock.sh and engine.sh. Reads: stack, run_dir, run_id.

# data_node SERVICE: prints the id of the node where the newest task of the service is or was: there are its volumes. Ask before it is scaled
# to 0, when Docker forgets its tasks. Fails where several nodes have one.
data_node() {
	row=$(service_row "$1") && beside_tasks=$(task_rows) || return
	nodes_of_data=$(printf '%s\n' "$beside_tasks" | awk -F '\t' -v id="$(printf '%s\n' "$row" | cut -f 2)" '
		$2 != id || $3 == "-" { next }
		$5 == "running" { running[$3] }
		$9 > last { last = $9; newest = $3 }
		END { for (node in running) { print node; found = 1 } if (!found && newest != "") print newest }')
	case $nodes_of_data in
		'') echo "no node is known on which $1 has run" >&2 ;;
		*[!a-z0-9]*) echo "$1 runs on several nodes, so it is not known which one has the data" >&2 ;;
		*)
			printf '%s\n' "$nodes_of_data"
			return 0
			;;
	esac
	return 1
}

# json_script TEXT: prints text of several lines as a JSON string.
json_script() { printf '%s' "$1" | sed 's/[\\"]/\\&/g; s/	/\\t/g' | awk 'BEGIN { printf "\"" } { printf "%s%s", (NR > 1 ? "\\n" : ""), $0 } END { printf "\"" }'; }

# beside_spec NODE SPEC SCRIPT: prints the spec of a service of one task on this node that runs the script by `sh -c` with the image, volumes,
# configs, secrets, environment and networks of SPEC. Without its labels, ports and names in the network: it is no part of the stack, and
# nobody takes it for the service.
beside_spec() {
	container=$(printf '%s\n' "$2" | json_row 'TaskTemplate.ContainerSpec!Command,Args,Healthcheck,Labels,Hostname')
	networks=$(printf '%s\n' "$2" | json_row TaskTemplate.Networks | LC_ALL=C grep -o '"Target":"[^"]*"' | sed 's/.*/{&}/' | paste -s -d , -)
	printf '{"Name":%s,"TaskTemplate":{"ContainerSpec":{"Command":["sh","-c",%s],"Healthcheck":{"Test":["NONE"]},%s,"RestartPolicy":{"Condition":"none"},"Placement":{"Constraints":[%s]},"Networks":[%s]},"Mode":{"Replicated":{"Replicas":1}},"EndpointSpec":{"Mode":"dnsrr"}}\n' \
		"$(json_text "$beside_name")" "$(json_script "$3")" "${container#?}" "$(json_text "node.id==$1")" "$networks"
}

# run_beside NODE SERVICE SCRIPT: runs a script in a container of its own on this node, with all that the service has there, prints what it printed,
# and removes the container. Fails with its exit code, and with 1 and the reason where it cannot run there. The service itself may run meanwhile,
# or be scaled to 0.
run_beside() (
	lock_is_ours && row=$(service_row "$2") || exit
	beside_name=backout-$(printf '%s' "${run_id:-$$}" | tail -c 6)-$(date +%s)
	(umask 077 && beside_spec "$1" "$(printf '%s\n' "$row" | cut -f 9)" "$3" >"$run_dir/beside.json") || exit
	trap 'engine service rm "$beside_name" >/dev/null 2>&1; rm -f -- "$run_dir/beside.json"' EXIT
	trap 'exit 143' TERM INT HUP
	said=$(api POST /services/create "$run_dir/beside.json" 2>&1) || {
		echo "Docker refused to start a container beside $2: $said"
		exit 1
	}
	beside_waited=0
	while :; do
		tasks=$(api GET "/tasks?filters=%7B%22service%22%3A%5B%22$beside_name%22%5D%7D") && task=$(printf '%s\n' "$tasks" | json_rows Status.State Status.ContainerStatus.ExitCode Status.Err) || task='unknown	-	-'
		state=$(printf '%s\n' "$task" | head -n 1 | cut -f 1)
		case $state in
			complete | failed | rejected | shutdown | orphaned) break ;;
			running) ;;
			# Where the node is lost or drained the task would wait for ever.
			*) beside_waited=$((beside_waited + 1)) ;;
		esac
		[ "$beside_waited" -lt "${beside_limit:-60}" ] || {
			echo "no container was started beside $2: its state is $state$(printf '%s\n' "$task" | head -n 1 | cut -f 3 | sed 's/^-$//; s/^./: &/')"
			exit 1
		}
		sleep 1
	done
	engine service logs --raw "$beside_name" 2>&1
	code=$(printf '%s\n' "$task" | head -n 1 | cut -f 2)
	case $state/$code in
		complete/*) exit 0 ;;
		failed/[1-9]*) exit "$code" ;;
		*)
			echo "it did not run to its end: $(printf '%s\n' "$task" | head -n 1 | cut -f 3)"
			exit 1
			;;
	esac
)
