# shellcheck shell=sh
# kube ARGUMENT...: calls kubectl for the deployment's namespace. Reads kube_namespace, and kube_context and kube_config, which may be empty:
# then kubectl's own choice counts, or else the kubeconfig that kubeadm or k3s leaves on a server. Fails with 127 where there is no kubectl.
# kube_by: a function that runs it, instead of this one. Reads backout_sudo (1), from the config: kubectl is then called by sudo.

# first_readable FILE...: prints the first that can be read.
first_readable() {
	for one in "$@"; do
		if [ -r "$one" ] || { [ -n "${backout_sudo:-}" ] && sudo -n test -r "$one" 2>/dev/null; }; then
			printf '%s\n' "$one"
			return 0
		fi
	done
	return 1
}

# find_kubectl: sets kube_program, a command of one or two words, and kube_file, the kubeconfig for --kubeconfig, or nothing.
find_kubectl() {
	[ -z "${kube_program:-}" ] || return 0
	if command -v kubectl >/dev/null 2>&1; then
		kube_program=kubectl
	elif command -v k3s >/dev/null 2>&1; then
		kube_program='k3s kubectl'
	elif command -v microk8s >/dev/null 2>&1; then
		kube_program='microk8s kubectl'
	elif command -v k0s >/dev/null 2>&1; then
		kube_program='k0s kubectl'
	elif [ -x /var/lib/rancher/rke2/bin/kubectl ]; then
		kube_program=/var/lib/rancher/rke2/bin/kubectl
	else
		echo 'there is no kubectl on the host: install it, or set path of this target to its folder' >&2
		return 127
	fi
	# shellcheck disable=SC2088 # a pattern: what is not expanded is what it looks for
	case ${kube_config:-} in
		'~/'*) kube_file=$HOME/${kube_config#??} ;;
		?*) kube_file=$kube_config ;;
		*)
			kube_file=
			# k3s, microk8s and k0s know their own.
			if [ -z "${KUBECONFIG:-}" ] && [ ! -r "$HOME/.kube/config" ] && [ "$kube_program" = "${kube_program% *}" ]; then
				kube_file=$(first_readable /etc/kubernetes/admin.conf /etc/rancher/k3s/k3s.yaml /etc/rancher/rke2/rke2.yaml) || kube_file=
			fi
			;;
	esac
}

kube() {
	find_kubectl || return
	[ -z "${kube_namespace:-}" ] || set -- --namespace="$kube_namespace" "$@"
	[ -z "${kube_context:-}" ] || set -- --context="$kube_context" "$@"
	[ -z "$kube_file" ] || set -- --kubeconfig="$kube_file" "$@"
	# shellcheck disable=SC2086 # a command may be two words
	set -- $kube_program "$@"
	[ -z "${backout_sudo:-}" ] || set -- sudo -n "$@"
	# shellcheck disable=SC2086 # nothing, mostly
	${kube_by:-} "$@"
}
