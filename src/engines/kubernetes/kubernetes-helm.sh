# shellcheck shell=sh
# Helm's releases of which the last action has not ended. Helm marks a release before it changes anything, and again when it is done: a command
# that is killed in between leaves the mark, and every later upgrade is refused. Changes nothing. Needs kubectl.sh, cluster.sh and seconds-of.sh.
# Reads: kube_namespace, kube_selector (empty: the whole namespace), helm (`refuse` or else).

# helm_rows: prints a line for each: NAME, STATUS (`pending-upgrade`), REVISION, AGE of the mark (s, or `-`). A release is a Secret, or a ConfigMap
# where Helm is told so, and its labels say all this. With a selector only the releases that it names, or that its workloads belong to. Fails
# where Secrets may not be listed.
helm_rows() {
	helm_found=$(cluster_said get secrets,configmaps --selector 'owner=helm,status in (pending-install,pending-upgrade,pending-rollback,uninstalling)' \
		-o 'jsonpath={range .items[*]}{.metadata.labels.name}{"\t"}{.metadata.labels.status}{"\t"}{.metadata.labels.version}{"\t"}{.metadata.labels.modifiedAt}{"\t"}{.metadata.labels.createdAt}{"\t"}{.metadata.creationTimestamp}{"\n"}{end}') || return
	[ -n "$helm_found" ] || return 0
	helm_own=
	[ -z "${kube_selector:-}" ] || helm_own=" $(cluster_said get deployments.apps,statefulsets.apps,daemonsets.apps --selector="$kube_selector" -o 'jsonpath={range .items[*]}{.metadata.annotations.meta\.helm\.sh/release-name}{" "}{.metadata.labels.app\.kubernetes\.io/instance}{" "}{end}') " || return
	helm_now=$(date +%s)
	# A tab in IFS would make one of two empty fields.
	printf '%s\n' "$helm_found" | tr '\t' ',' | while IFS=, read -r name status revision modified created made; do
		[ -z "$helm_own" ] || case $helm_own in *" $name "*) ;; *) continue ;; esac
		at=${modified:-$created}
		[ -n "$at" ] || at=$(seconds_of "$made" 2>/dev/null) || at=
		case $at in '' | *[!0-9]*) age=- ;; *) age=$((helm_now - at)) ;; esac
		printf '%s\t%s\t%s\t%s\n' "$name" "$status" "$revision" "$age"
	done
}

# helm_state: prints them in words, with the next move, a line each.
helm_state() {
	helm_all=$(helm_rows) || return
	printf '%s\n' "$helm_all" | while IFS='	' read -r name status revision age; do
		[ -n "$name" ] || continue
		case $age in -) since='' ;; ?? | ?) since=" for $age s" ;; *) since=" for $((age / 60)) min" ;; esac
		# Without a revision that was ever deployed there is nothing that helm could roll back to.
		case $status in pending-install | uninstalling) move="helm uninstall $name" ;; *) move="helm rollback $name" ;; esac
		echo "release $name is $status$since (revision $revision): if that command still runs, it may change this again, so wait for it or end it; if it does not, helm refuses every upgrade until \`$move --namespace $kube_namespace\`"
	done
}

# look_helm: says whether an action of Helm goes on or was broken off. The release that hangs is often why one rolls back, so that refuses
# nothing, unless the runbook's variable helm is `refuse`.
look_helm() {
	said=$(helm_state 2>/dev/null) || {
		echo 'Secrets may not be listed, so it is not known whether an action of Helm goes on'
		return 0
	}
	[ -n "$said" ] || {
		echo 'no action of Helm is under way'
		return 0
	}
	printf '%s\n' "$said" | tr '\n' ';' | sed 's/;$//; s/;/; /g'
	echo
	[ "${helm:-allow}" != refuse ]
}
