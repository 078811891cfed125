# shellcheck shell=sh
# Prints the log of containers of a pod, each line with its time, and 0x1e and the name of a container before what is its own. Needs
# kubectl.sh. Reads pod, and containers: words, each the name of a container, with `before:` before it for its run before the present one.
# tail and since may be empty.

for one in $containers; do
	set --
	case $one in before:*) set -- --previous ;; esac
	[ -z "$tail" ] || set -- "$@" --tail="$tail"
	[ -z "$since" ] || set -- "$@" --since-time="$since"
	printf '\036%s\n' "${one#before:}"
	case $one in
		# What the kubelet has thrown away is no reason to show nothing.
		before:*) kube logs --timestamps --container="${one#before:}" "$@" "$pod" 2>/dev/null || : ;;
		*) kube logs --timestamps --container="$one" "$@" "$pod" || exit ;;
	esac
done
