# shellcheck shell=sh
# What every script needs: the workloads of the deployment, their revisions, pods and nodes. Needs kubectl.sh,
# cluster.sh and json.sh. Reads: kube_namespace, kube_selector (empty: the whole namespace), directory.

workload_kinds=deployments.apps,statefulsets.apps,daemonsets.apps

# enter_folder: changes to the directory of the target. Fails when it is not on the host.
enter_folder() {
	[ "${folderless:-}" != 1 ] || return 0
	cd -- "$directory" 2>/dev/null || {
		echo "there is no folder $directory on the host"
		return 1
	}
}

# sum_of TEXT: prints a short sum by which two texts can be told apart.
sum_of() { printf '%s' "$1" | sha256sum | cut -c 1-16; }

# own_items KIND...: prints those of these kinds that belong to the deployment: what the selector chooses, or all of the namespace.
own_items() { items "$@" ${kube_selector:+"--selector=$kube_selector"}; }

# workload_rows: prints a line for each workload, sorted, fields separated by tabs: NAME, OBJECT (`deployment/web`), UID, RESOURCE VERSION,
# GENERATION, REPLICAS (`-`: one on each node), IMAGE of its main container, REVISION (of a deployment, else `-`), SUM of the spec without its
# replicas, PAUSED (`true` or `-`), METADATA (JSON), SPEC (JSON), STATUS (JSON). Where two kinds share a name, NAME is as OBJECT.
workload_rows() {
	rows=$(own_items "$workload_kinds") || return
	printf '%s\n' "$rows" | json_rows kind metadata.name metadata.uid metadata.resourceVersion metadata.generation spec.replicas \
		spec.template.spec.containers.0.image 'metadata.annotations.deployment.kubernetes.io/revision' spec.paused 'spec!replicas' 'metadata!managedFields' spec status |
		while IFS='	' read -r kind name uid version generation replicas image revision paused work metadata spec status; do
			kind=$(printf '%s' "$kind" | tr '[:upper:]' '[:lower:]')
			[ "$paused" = true ] || paused=-
			printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$kind/$name" "$uid" "$version" "$generation" "$replicas" "$image" "$revision" \
				"$(sum_of "$work")" "$paused" "$metadata" "$spec" "$status"
		done | LC_ALL=C sort -k 1,1 -k 2,2 | awk -F '\t' -v OFS='\t' '
			{ line[NR] = $0; name[NR] = $1; count[$1]++ }
			END { for (n = 1; n <= NR; n++) { $0 = line[n]; if (count[name[n]] > 1) $1 = $2; print } }'
}

# workload_row WORKLOAD: prints its line of `workload_rows`. Fails when the API server does not answer, and when there is no such workload.
workload_row() {
	all=$(workload_rows) || return
	printf '%s\n' "$all" | awk -F '\t' -v name="$1" '$1 == name || $2 == name { print; found = 1; exit } END { exit !found }' || {
		echo "the deployment ${project:-$kube_namespace} has no workload $1" >&2
		return 1
	}
}

# field ROW NUMBER: prints a field of a line.
field() { printf '%s\n' "$1" | cut -f "$2"; }

# workloads: prints the names of the workloads, one a line.
workloads() { all=$(workload_rows) && printf '%s\n' "$all" | cut -f 1 | sed '/^$/d'; }

# revision_rows ROW: prints a line for each revision of the workload of this line of `workload_rows` that the cluster keeps, the newest first:
# NAME (of its ReplicaSet or ControllerRevision, which stays the same while numbers move), NUMBER, CREATED, IMAGE, CHANGE CAUSE, CURRENT
# (`current` or `-`), UID, POD TEMPLATE (JSON, as the workload had it).
revision_rows() {
	case $(field "$1" 2) in
		deployment/*) rows=$(items replicasets.apps) || return ;;
		*) rows=$(items controllerrevisions.apps) || return ;;
	esac
	template_now=$(field "$1" 12 | json_row template)
	case $(field "$1" 2) in
		deployment/*)
			printf '%s\n' "$rows" | json_rows metadata.ownerReferences.0.uid metadata.name 'metadata.annotations.deployment.kubernetes.io/revision' metadata.creationTimestamp \
				spec.template.spec.containers.0.image 'metadata.annotations.kubernetes.io/change-cause' metadata.uid 'spec.template.metadata.labels!pod-template-hash' spec.template
			;;
		*)
			printf '%s\n' "$rows" | json_rows metadata.ownerReferences.0.uid metadata.name revision metadata.creationTimestamp \
				data.spec.template.spec.containers.0.image 'metadata.annotations.kubernetes.io/change-cause' metadata.uid kind data.spec.template
			;;
	esac | awk -F '\t' -v uid="$(field "$1" 3)" '$1 == uid' | while IFS='	' read -r _ name number created image cause uid labels template; do
		case $labels in
			'{'*) template=$(printf '%s\n' "$template" | json_set metadata.labels "$labels") ;;
			*) template=$(printf '%s\n' "$template" | sed 's/^{"\$patch":"replace",/{/') ;;
		esac
		current=-
		[ "$template" != "$template_now" ] || current=current
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$number" "$created" "$image" "$cause" "$current" "$uid" "$template"
	done | LC_ALL=C sort -t '	' -k 2,2nr
}

# revision_row ROW REVISION: prints the line of `revision_rows` of this revision, by its name. Fails when it is gone.
revision_row() {
	all=$(revision_rows "$1") || return
	printf '%s\n' "$all" | awk -F '\t' -v name="$2" '$1 == name { print; found = 1; exit } END { exit !found }' || {
		echo "$(field "$1" 1) has no revision $2 any more: plan again" >&2
		return 1
	}
}

# pod_rows: prints a line for each pod of the namespace: UID, NAME, OWNER UID, OWNER KIND, HASH of its revision, NODE, PHASE, READY (`True` or
# else), DELETED (the time, or `-`), RESTARTS of all its containers, WHY it is not well (`-`: it is), CREATED, STARTED (its main container), STATES of
# its containers (JSON).
pod_rows() {
	rows=$(items pods) || return
	printf '%s\n' "$rows" | json_rows metadata.uid metadata.name metadata.ownerReferences.0.uid metadata.ownerReferences.0.kind metadata.labels spec.nodeName \
		status.phase status.conditions metadata.deletionTimestamp metadata.creationTimestamp status.containerStatuses status.initContainerStatuses status.reason | LC_ALL=C awk -F '\t' -v OFS='\t' '
		function value(text, key) { return match(text, "\"" key "\":(\"([^\"\\\\]|\\\\.)*\"|[0-9a-z]+)") ? substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : "" }
		function plain(t) { gsub(/^"|"$/, "", t); return t }
		# Why a container waits or has ended, in the words of the kubelet.
		function trouble(text,  parts, n, i, why, reason, code) {
			n = split(text, parts, /"containerID":/)
			why = ""
			if (match(text, /"waiting":[{][^}]*[}]/)) {
				reason = substr(text, RSTART, RLENGTH)
				why = plain(value(reason, "reason"))
				if (why == "ContainerCreating" || why == "PodInitializing") why = ""
				else if (match(text, /"terminated":[{][^}]*[}]/)) {
					code = plain(value(substr(text, RSTART, RLENGTH), "exitCode"))
					reason = plain(value(substr(text, RSTART, RLENGTH), "reason"))
					why = why " (" (reason == "OOMKilled" ? reason ", " : "") "exit code " code ")"
				}
			} else if (match(text, /"state":[{]"terminated":[{][^}]*[}]/)) {
				reason = substr(text, RSTART, RLENGTH)
				if (value(reason, "exitCode") != "0") why = plain(value(reason, "reason")) " (exit code " value(reason, "exitCode") ")"
			}
			return why
		}
		function restarts(text,  n) { n = 0; while (match(text, /"restartCount":[0-9]+/)) { n += substr(text, RSTART + 15, RLENGTH - 15); text = substr(text, RSTART + RLENGTH) } return n }
		{
			hash = plain(value($5, "controller-revision-hash")); if (hash == "") hash = plain(value($5, "pod-template-hash"))
			ready = "-"; unscheduled = ""
			n = split($8, conditions, /},[{]/)
			for (i = 1; i <= n; i++) {
				type = plain(value(conditions[i], "type"))
				if (type == "Ready") ready = plain(value(conditions[i], "status"))
				if (type == "PodScheduled" && plain(value(conditions[i], "status")) == "False") unscheduled = plain(value(conditions[i], "reason")) ": " plain(value(conditions[i], "message"))
			}
			why = trouble($11); if (why == "") why = trouble($12); if (why == "") why = unscheduled; if (why == "" && $13 != "-") why = $13
			if ($7 == "Succeeded") why = ""
			started = match($11, /"running":[{]"startedAt":"[^"]*"/) ? substr($11, RSTART + 24, RLENGTH - 25) : "-"
			print $1, $2, $3, $4, hash == "" ? "-" : hash, $6, $7, ready, $9, restarts($11) + restarts($12), why == "" ? "-" : why, $10, started, $11
		}'
}

# node_rows: prints a line for each node: NAME, READY (`True`, `False`, `Unknown`), UNSCHEDULABLE (`true` or `-`), RESOURCE VERSION, VERSION of its kubelet.
# Fails where nodes may not be listed.
node_rows() {
	rows=$(items nodes) || return
	printf '%s\n' "$rows" | json_rows metadata.name status.conditions spec.unschedulable metadata.resourceVersion status.nodeInfo.kubeletVersion | LC_ALL=C awk -F '\t' -v OFS='\t' '{
		ready = "Unknown"
		n = split($2, conditions, /},[{]/)
		for (i = 1; i <= n; i++) if (conditions[i] ~ /"type":"Ready"/ && match(conditions[i], /"status":"[A-Za-z]*"/)) ready = substr(conditions[i], RSTART + 10, RLENGTH - 11)
		print $1, ready, $3 == "true" ? "true" : "-", $4, $5
	}' | LC_ALL=C sort
}

# autoscaler_rows: prints a line for each HorizontalPodAutoscaler of the namespace: OBJECT that it scales, NAME, LEAST, MOST.
autoscaler_rows() {
	rows=$(items horizontalpodautoscalers.autoscaling) || return
	printf '%s\n' "$rows" | json_rows spec.scaleTargetRef.kind spec.scaleTargetRef.name metadata.name spec.minReplicas spec.maxReplicas | while IFS='	' read -r kind name own least most; do
		printf '%s/%s\t%s\t%s\t%s\n' "$(printf '%s' "$kind" | tr '[:upper:]' '[:lower:]')" "$name" "$own" "$least" "$most"
	done
}

# image_digests: prints the images that pods of the namespace run, a line each: NAME, as the pod's main container asks for it, and DIGEST, as
# the node has it.
image_digests() {
	rows=$(items pods) || return
	printf '%s\n' "$rows" | json_rows status.phase spec.containers.0.name spec.containers.0.image status.containerStatuses | LC_ALL=C awk -F '\t' -v OFS='\t' '
		$1 == "Running" {
			n = split($4, parts, /},[{]"containerID"/)
			for (i = 1; i <= n; i++) if (index(parts[i], "\"name\":\"" $2 "\"") && match(parts[i], /"imageID":"[^"]+"/)) {
				id = substr(parts[i], RSTART + 11, RLENGTH - 12); sub(/^[a-z-]*:\/\//, "", id); print $3, id
			}
		}' | LC_ALL=C sort -u
}

# running_images: prints the images that the pods of the namespace run, by their digests, one a line.
running_images() { digests=$(image_digests) && printf '%s\n' "$digests" | cut -f 2 | LC_ALL=C sort -u; }

# look_cluster: says that the API server answers and knows the namespace. Fails, with the reason, when nothing can be changed: a server that
# refuses has answered, and the next move is another one than for a server that is silent.
look_cluster() {
	said=$(cluster get namespace "$kube_namespace" -o 'jsonpath={.status.phase}' 2>&1) || {
		case $said in
			# Whoever may not read namespaces may still work inside of one.
			*'(Forbidden)'*) said=$(cluster get deployments.apps -o name 2>&1 >/dev/null) && said=Active ;;
		esac
	}
	case $said in
		Active)
			echo "the API server answers, and has the namespace $kube_namespace"
			return 0
			;;
		Terminating) echo "the namespace $kube_namespace is being deleted" ;;
		*'(Forbidden)'*)
			said=$(printf '%s\n' "$said" | grep -F '(Forbidden)' | tail -n 1)
			echo "the API server answers, and forbids it: ${said##*is forbidden: }. Give this user a Role there; kubectl auth can-i --list --namespace $kube_namespace says what it may do"
			;;
		*Unauthorized* | *'must be logged in'* | *'provide credentials'*)
			echo 'the API server answers, and does not know the user of kubectl: its token or certificate may have expired. Log in again on the host'
			;;
		*'(NotFound)'*) echo "the API server answers, and has no namespace $kube_namespace" ;;
		*) echo "the API server does not answer for the namespace $kube_namespace: $(printf '%s\n' "$said" | tail -n 1)" ;;
	esac
	return 1
}

# may VERB RESOURCE...: succeeds if the user of kubectl may do that in the namespace; says what not.
may() {
	may_verb=$1 may_not=
	shift
	for may_what in "$@"; do
		said=$(cluster auth can-i "$may_verb" "$may_what" 2>&1)
		case $(printf '%s\n' "$said" | tail -n 1) in
			yes*) ;;
			no*) may_not="$may_not $may_what" ;;
			*)
				echo "the API server does not say what may be done: $(printf '%s\n' "$said" | tail -n 1)"
				return 1
				;;
		esac
	done
	[ -z "$may_not" ] || {
		echo "the user of kubectl may not $may_verb$may_not in the namespace $kube_namespace"
		return 1
	}
}
