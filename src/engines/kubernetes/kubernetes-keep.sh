# shellcheck shell=sh
# What is there of a deployment, kept as whole specs: in a restore point before each run, and in the history of the deployments that were
# seen. The cluster itself keeps pod templates only, ten by default, under numbers that move; with revisionHistoryLimit 0 none.
#
# A kept deployment is a folder for those alone who share the runs, usually its owner (it has Secrets in it):
#   workloads              NAME, OBJECT, UID, RESOURCE VERSION, GENERATION, REPLICAS, IMAGE, REVISION, SUM of the spec without its replicas
#   workload/KIND.NAME.json   metadata and spec, as the API server gave them
#   settings               KIND, NAME, SUM of the content (`-`: it may not be read)
#   setting/KIND.NAME.json    the ConfigMap or Secret with its content
#   autoscalers            OBJECT, NAME, LEAST, MOST
#   images                 NAME and DIGEST of the images that ran
#   nodes                  NAME, UNSCHEDULABLE, as far as nodes may be listed
#   missing                in the history: what kept it from being converged, whenever it was seen; empty for one that was well
#
# Needs json.sh, cluster.sh, kubernetes.sh, kubernetes-settings.sh and kubernetes-converge.sh. Reads: state_dir; for a restore point restore_dir, run_umask, and keep,
# miss and keep_file of keep-path.sh and keep-files.sh.

# file_of OBJECT: prints the name of the file of a workload: `deployment/web` is deployment.web.
file_of() { printf '%s' "$1" | tr / .; }

# spec_of FOLDER OBJECT: prints the kept spec of a workload.
spec_of() { json_row spec <"$1/workload/$(file_of "$2").json"; }

# kept_row FOLDER WORKLOAD: prints the line of a kept workload. Fails if it was not part of the deployment.
kept_row() { awk -F '\t' -v name="$2" '$1 == name || $2 == name { print; found = 1; exit } END { exit !found }' "$1/workloads"; }

# keep_workloads FOLDER: keeps the deployment there. Fails, with the reason, when the API server does not say everything.
keep_workloads() (
	umask "${run_umask:-077}"
	mkdir -p "$1/workload" "$1/setting" && rows=$(workload_rows) || exit
	cd -- "$1" || exit
	printf '%s\n' "$rows" | cut -f 1-9 | sed '/^$/d' >workloads
	printf '%s\n' "$rows" | while IFS='	' read -r name object _ _ _ _ _ _ _ _ metadata spec _; do
		[ -z "$name" ] || printf '{"metadata":%s,"spec":%s}\n' "$metadata" "$spec" >"workload/$(file_of "$object").json" || exit
	done || exit
	printf '%s\n' "$rows" | cut -f 12 | sed '/^$/d' | while IFS= read -r spec; do printf '%s\n' "$spec" | settings_of; done | LC_ALL=C sort -u >named
	: >settings
	while read -r kind name; do
		# What may not be read is noted by name, and said at the end.
		if said=$(setting_json "$kind" "$name" 2>&1); then
			[ -n "$said" ] || continue
			printf '%s\n' "$said" >"setting/$kind.$name.json"
			printf '%s\t%s\t%s\n' "$kind" "$name" "$(content_sum <"setting/$kind.$name.json")" >>settings
		else
			case $said in *forbidden*) printf '%s\t%s\t-\n' "$kind" "$name" >>settings ;; *) printf '%s\n' "$said" >&2 && exit 1 ;; esac
		fi
	done <named || exit
	rm -f named
	autoscaler_rows >autoscalers 2>/dev/null || rm -f autoscalers
	image_digests >images 2>/dev/null || rm -f images
	node_rows 2>/dev/null | cut -f 1,3 >nodes
)

# sum_of_kept FOLDER: prints a sum of the specs and settings of a kept deployment: the same for the same deployment.
sum_of_kept() { sum_of "$(cut -f 2,6,9 "$1/workloads" 2>/dev/null && cat "$1/settings" 2>/dev/null)"; }

# record_deployment: adds what is there to the history in $state_dir/deployments, unless it is what was seen last; prints its name, a time
# and the sum. At most 100 are kept. Called before and after each run.
record_deployment() (
	umask "${run_umask:-077}"
	history=$state_dir/deployments
	mkdir -p "$history" || exit
	new=$(mktemp -d "$history/new.XXXXXX") || exit
	trap 'rm -rf -- "$new"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	keep_workloads "$new" || exit
	[ -s "$new/workloads" ] || exit 0
	sum=$(sum_of_kept "$new")
	last=$(deployments | head -n 1)
	# What was bad when it was seen first, or was still under way, may have become well; what has crashed since stays as it was.
	not_converged >"$new/missing" 2>/dev/null || echo 'the API server does not say what runs' >"$new/missing"
	if [ "${last#*-}" = "$sum" ]; then
		[ -s "$new/missing" ] || : >"$history/$last/missing"
		echo "$last"
		exit 0
	fi
	seen=$(date -u +%Y%m%dT%H%M%SZ)
	mv -- "$new" "$history/$seen-$sum" 2>/dev/null || exit
	[ "$(id -u)" != 0 ] || chown -R -h "$(stat -L -c %u:%g -- "$state_dir")" "$history"
	deployments | tail -n +101 | while IFS= read -r old; do rm -rf -- "${history:?}/$old"; done
	echo "$seen-$sum"
)

# deployments: prints the names of the deployments that were seen, the newest first.
deployments() {
	for seen in "$state_dir"/deployments/*-*; do
		[ ! -s "$seen/workloads" ] || printf '%s\n' "${seen##*/}"
	done | LC_ALL=C sort -r
}

# was_well NAME [WORKLOAD]: succeeds if the deployment that was seen, or this workload of it, had converged at some time.
was_well() {
	if [ $# -gt 1 ]; then ! grep -qF -e "$2: " "$state_dir/deployments/$1/missing" 2>/dev/null; else [ ! -s "$state_dir/deployments/$1/missing" ]; fi
}

# settings_since NAME: prints how the settings of now differ from those of a deployment that was seen, a line each.
settings_since() {
	while IFS='	' read -r kind name sum; do
		[ "$sum" = - ] || setting_differs "$state_dir/deployments/$1" "$kind" "$name"
	done <"$state_dir/deployments/$1/settings"
}

# kept_folder NAME: prints the folder of a kept deployment: one that was seen, or a run whose restore point has it; for an undo also the
# folder itself in its restore point. Fails if there is none.
kept_folder() {
	[ "$1" != "${from_dir:-/nowhere}/kubernetes" ] || {
		printf '%s\n' "$1"
		return 0
	}
	case $1 in '' | . | .. | */*) ;; *)
		for found in "$state_dir/deployments/$1" "$state_dir/runs/$1/restore/kubernetes"; do
			[ ! -s "$found/workloads" ] || {
				printf '%s\n' "$found"
				return 0
			}
		done
		;;
	esac
	echo "nothing is kept of the deployment under the name $1" >&2
	return 1
}

# keep_files: keeps the manifests that the target's configuration names ($manifests, one a line), where the directory is on this host.
keep_files() {
	printf '%s\n' "${manifests:-}" | awk 'NF && !seen[$0]++' >"$restore_dir/manifests"
	while IFS= read -r file; do
		keep_file "$file"
	done <"$restore_dir/manifests"
}

# note_containers: keeps the whole deployment in $restore_dir/kubernetes, `containers` (a line per workload), and `containers.json` (the same
# for `Engine.readKept`). Fails when there is nothing to keep.
note_containers() {
	if ! said=$( (keep_workloads "$restore_dir/kubernetes") 2>&1); then
		miss "the workloads: $said"
		rm -rf -- "$restore_dir/kubernetes"
		return 1
	fi
	kept_in=$restore_dir/kubernetes
	cut -f 1-8 "$kept_in/workloads" >"$restore_dir/containers"
	(
		umask "${run_umask:-077}"
		{
			sed 's/^/image	/' "$kept_in/images" 2>/dev/null
			sed 's/^/workload	/' "$kept_in/workloads"
		} | awk -F '\t' '
			BEGIN { printf "[" }
			$1 == "image" { digest[$2] = $3; next }
			{ printf "%s{\"name\":\"%s\",\"object\":\"%s\",\"replicas\":\"%s\",\"image\":\"%s\",\"digest\":\"%s\"}", n++ ? "," : "", $2, $3, $7, $8, digest[$8] }
			END { print "]" }' >"$restore_dir/containers.json"
	)
	[ -s "$restore_dir/containers" ] || {
		echo "there is no workload of ${project:-$kube_namespace}"
		return 1
	}
	keep "the specs of $(wc -l <"$restore_dir/containers") workloads, and $(cut -f 3 "$kept_in/settings" | grep -cv '^-$') ConfigMaps and Secrets that they name"
	awk -F '\t' '$3 == "-" { print $1 " " $2 }' "$kept_in/settings" | while IFS= read -r one; do miss "$one: its content may not be read"; done
	record_deployment >/dev/null || echo 'the history of deployments could not be written'
}

# pin_images: nodes keep images by themselves, and nothing here could hold one on another host; which ran is noted by digest.
pin_images() { [ ! -s "$restore_dir/kubernetes/images" ] || keep "the digests of $(wc -l <"$restore_dir/kubernetes/images") images that run"; }

keep_images() { ! note_containers || pin_images; }
