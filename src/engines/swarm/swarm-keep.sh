# shellcheck shell=sh
# What stands of a stack, kept as whole specs: in a restore point before each run, and in the history of the deployments that were seen.
# The engine itself remembers one step, `PreviousSpec`: it is gone after an automatic rollback, and may be somebody's scaling.
#
# A kept stack is a folder for those alone who share the runs, usually its owner (specs have environments in them):
#   services         NAME, ID, VERSION, IMAGE, REPLICAS, UPDATE STATE and SUM of the spec, separated by tabs
#   spec/NAME.json   the spec, byte for byte as the engine wrote it
#   configs          NAME, ID, SUM of the content;  config/ID.json is its spec with its content
#   secrets          NAME, ID: the engine never gives the content of a secret
#   networks         NAME, ID
#   nodes            HOST NAME, ID, AVAILABILITY
#
# Needs json.sh and swarm.sh. Reads: stack, state_dir; for a restore point restore_dir, run_umask, and keep, miss and keep_file of keep-path.sh and
# keep-files.sh.

# used_by KEY FOLDER: prints the ids under a key of the specs in a kept stack: `ConfigID`, `SecretID`, or `Target` of a network.
used_by() { cat -- "$2"/spec/*.json 2>/dev/null | LC_ALL=C grep -ao "\"$1\":\"[a-z0-9]*\"" | cut -d '"' -f 4 | sort -u; }

# keep_stack FOLDER: keeps the stack there. Fails, with the reason, when the engine does not say everything.
keep_stack() (
	umask "${run_umask:-077}"
	mkdir -p "$1/spec" "$1/config" && rows=$(service_rows) || exit
	cd -- "$1" || exit
	printf '%s\n' "$rows" | cut -f 1-7 | sed '/^$/d' >services
	printf '%s\n' "$rows" | while IFS='	' read -r name _ _ _ _ _ _ _ spec; do
		[ -z "$name" ] || printf '%s' "$spec" >"spec/$name.json" || exit
	done || exit
	: >configs && : >secrets && : >networks
	ids=$(used_by ConfigID .)
	if [ -n "$ids" ]; then
		api GET /configs | json_rows Spec.Name ID Spec.Data Spec >config/all || exit
		while IFS='	' read -r name id data spec; do
			printf '%s\n' "$ids" | grep -qxF -e "$id" || continue
			printf '%s\t%s\t%s\n' "$name" "$id" "$(sum_of "$data")" >>configs
			printf '%s' "$spec" >"config/$id.json" || exit
		done <config/all
		rm -f config/all
	fi
	ids=$(used_by SecretID .)
	[ -z "$ids" ] || api GET /secrets | json_rows Spec.Name ID | only_ids "$ids" >secrets || exit
	ids=$(used_by Target .)
	[ -z "$ids" ] || api GET /networks | json_rows Name Id | only_ids "$ids" >networks || exit
	node_rows | cut -f 1,2,4 >nodes
	for id in $(used_by ConfigID .) $(used_by SecretID .); do
		cat configs secrets | cut -f 2 | grep -qxF -e "$id" || {
			echo "the engine does not say what config or secret $id is" >&2
			exit 1
		}
	done
)

# only_ids IDS: copies the lines NAME TAB ID of standard input whose id is one of these.
only_ids() { awk -F '\t' -v ids=" $(printf '%s ' $1)" 'index(ids, " " $2 " ")'; }

# sum_of_stack FOLDER: prints a sum of the specs of a kept stack: the same for the same deployment.
sum_of_stack() { sum_of "$(cut -f 1,7 "$1/services" 2>/dev/null)"; }

# record_deployment: adds what stands to the history in $state_dir/deployments, unless it is what was seen last; prints its name, a time
# and the sum. At most 100 are kept. Called before and after each run, and whenever somebody looks.
record_deployment() (
	umask "${run_umask:-077}"
	history=$state_dir/deployments
	mkdir -p "$history" || exit
	new=$(mktemp -d "$history/new.XXXXXX") || exit
	trap 'rm -rf -- "$new"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	keep_stack "$new" || exit
	sum=$(sum_of_stack "$new")
	[ -s "$new/services" ] || exit 0
	last=$(deployments | head -n 1)
	if [ "${last#*-}" = "$sum" ]; then
		echo "$last"
		exit 0
	fi
	# The time of its newest change, by the engine's clock, would be that of a scaling too: the time is that of the first look.
	seen=$(date -u +%Y%m%dT%H%M%SZ)
	mv -- "$new" "$history/$seen-$sum" 2>/dev/null || exit
	[ "$(id -u)" != 0 ] || chown -R -h "$(stat -L -c %u:%g -- "$state_dir")" "$history"
	deployments | tail -n +101 | while IFS= read -r old; do rm -rf -- "${history:?}/$old"; done
	echo "$seen-$sum"
)

# deployments: prints the names of the deployments that were seen, the newest first.
deployments() {
	for seen in "$state_dir"/deployments/*-*; do
		[ ! -s "$seen/services" ] || printf '%s\n' "${seen##*/}"
	done | LC_ALL=C sort -r
}

# kept_folder NAME: prints the folder of a kept stack: a deployment that was seen, or a run whose restore point has it; for an undo also the
# folder itself in its restore point. Fails if there is none.
kept_folder() {
	[ "$1" != "${from_dir:-/nowhere}/swarm" ] || {
		printf '%s\n' "$1"
		return 0
	}
	case $1 in '' | . | .. | */*) ;; *)
		for found in "$state_dir/deployments/$1" "$state_dir/runs/$1/restore/swarm"; do
			[ ! -s "$found/services" ] || {
				printf '%s\n' "$found"
				return 0
			}
		done
		;;
	esac
	echo "nothing is kept of the stack under the name $1" >&2
	return 1
}

# keep_files: keeps what `docker stack deploy` reads: the stack files ($stack_files, one a line, or those of the usual names) and .env.
keep_files() {
	{
		printf '%s\n' "${stack_files:-}"
		ls "$directory"/.env "$directory"/*stack*.y*ml "$directory"/*compose*.y*ml 2>/dev/null
	} | awk 'NF && !seen[$0]++' >"$restore_dir/stack-files"
	while IFS= read -r file; do
		keep_file "$file"
	done <"$restore_dir/stack-files"
}

# note_containers: keeps the whole stack in $restore_dir/swarm, `containers` (a line per service), and `containers.json` (the services as the
# engine writes them). Fails when there is nothing to keep.
note_containers() {
	if ! said=$( (keep_stack "$restore_dir/swarm") 2>&1) || ! services_json >"$restore_dir/containers.json"; then
		miss "the services: $said"
		rm -rf -- "$restore_dir/swarm" "$restore_dir/containers.json"
		return 1
	fi
	cut -f 1-4 "$restore_dir/swarm/services" >"$restore_dir/containers"
	[ -s "$restore_dir/containers" ] || {
		echo "no services of stack $stack"
		return 1
	}
	keep "the specs of $(wc -l <"$restore_dir/containers") services, with their configs"
	[ ! -s "$restore_dir/swarm/secrets" ] || echo "the contents of secrets cannot be read, so they are kept by name and id only: $(cut -f 1 "$restore_dir/swarm/secrets" | tr '\n' ' ')"
	record_deployment >/dev/null || echo 'the history of deployments could not be written'
}

# pin_images: gives the images that the services run, and that this host has, the name backout/SERVICE:RUN. Images on other nodes cannot be held.
pin_images() {
	while IFS='	' read -r name _ _ image; do
		tag=backout/$(printf '%s' "$name" | tr 'A-Z_' 'a-z-'):$run_id
		if engine tag "$image" "$tag" 2>/dev/null; then keep "image of $name on this host, as $tag"; else echo "the image of $name is not on this host: $image"; fi
	done <"$restore_dir/containers"
}

keep_images() { ! note_containers || pin_images; }
