# shellcheck shell=sh
# who_changed OBJECT: prints who has changed the specification of a workload last, and when, as the API server has noted it: the name of a
# program, such as kubectl-client-side-apply, kustomize-controller or argocd-controller. Nothing where it does not say. Leaves out backout itself
# and the cluster's own controllers. Needs kubectl.sh and cluster.sh.
who_changed() {
	changed_by=$(cluster_said get "$1" -o 'jsonpath={range .metadata.managedFields[*]}{.time}{" "}{.manager}{"\n"}{end}' 2>/dev/null) || return 0
	printf '%s\n' "$changed_by" | sed '/ backout$/d; / kube-controller-manager$/d; /^ /d; /^$/d' | LC_ALL=C sort -r | sed -n '1s/^\([^ ]*\) \(.*\)$/\2 at \1/p'
}
