# shellcheck shell=sh
# Prints what runs in the cluster that kubectl on this host reaches, a line each: NAMESPACE, RELEASE (the label app.kubernetes.io/instance, or
# -), the NUMBER of its workloads, FOLDER, separated by tabs. Nothing where there is no kubectl, or no cluster. Namespaces of Kubernetes itself
# are left out. Nothing says where manifests are: the folder is the first of the usual ones that has the name, or else the home folder. Needs
# kubectl.sh.

find_kubectl 2>/dev/null || exit 0
kube get deployments.apps,statefulsets.apps,daemonsets.apps --all-namespaces --request-timeout=15s \
	--output='jsonpath={range .items[*]}{.metadata.namespace}{"\t"}{.metadata.labels.app\.kubernetes\.io/instance}{"\n"}{end}' 2>/dev/null |
	grep -v '^kube-\(system\|public\|node-lease\)	' | sed 's/	$/	-/' | sort | uniq -c | while read -r count namespace release; do
	folder=$HOME
	for one in "/srv/$namespace" "/opt/$namespace" "$HOME/$namespace"; do
		[ ! -d "$one" ] || {
			folder=$one
			break
		}
	done
	printf '%s\t%s\t%s\t%s\n' "$namespace" "$release" "$count" "$folder"
done
