# shellcheck shell=sh
# Prints the deployment at one moment, and the host's time before it, in seconds. A record is an object: its fields are separated by the
# character 0x1f, and it ends with 0x1e. Events come last: their messages are not ours, and may imitate anything. Needs kubectl.sh. Reads
# kube_selector, which may be empty. What may not be listed is missing, and kubectl says so on standard error. Exits with 124 or 137 where the API
# server has not answered within 25 s: kubectl has a limit for each of its requests, and makes many. Checks wait for 30 s.

fields='{range .items[*]}{.kind}{"\x1f"}{.metadata.name}{"\x1f"}{.metadata.uid}{"\x1f"}{.metadata.resourceVersion}{"\x1f"}{.metadata.generation}{"\x1f"}{.metadata.creationTimestamp}{"\x1f"}{.metadata.deletionTimestamp}{"\x1f"}{.metadata.labels}{"\x1f"}{.metadata.annotations}{"\x1f"}{.metadata.ownerReferences}{"\x1f"}{.spec}{"\x1f"}{.status}{"\x1f"}{.revision}{"\x1f"}{.involvedObject.uid}{"\x1f"}{.type}{"\x1f"}{.reason}{"\x1f"}{.lastTimestamp}{"\x1f"}{.count}{"\x1f"}{.message}{"\x1e"}{end}'
workloads=deployments.apps,statefulsets.apps,daemonsets.apps
others=replicasets.apps,controllerrevisions.apps,pods,nodes,events

# records TYPES [ARGUMENT...]: prints these objects.
records() {
	kube get --request-timeout=20s --allow-missing-template-keys=true --output="jsonpath=$fields" "$@"
}

find_kubectl || exit 127
kubectl_alone=$kube_program
begun=$(date +%s)
kube_program="timeout -k 2 25 $kubectl_alone"
printf '%s\036' "$begun"
if [ -n "${kube_selector:-}" ]; then
	records "$workloads" --selector="$kube_selector"
	code=$?
	case $code in 124 | 137) exit "$code" ;; esac
	kube_program="timeout -k 2 $((26 - $(date +%s) + begun)) $kubectl_alone"
	records "$others"
else
	records "$workloads,$others"
fi
