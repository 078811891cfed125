# shellcheck shell=sh
# kubectl, as the scripts of this engine call it. Needs kubectl.sh, and json.sh for the last function.

# cluster ARGUMENT...: kubectl for the deployment's namespace with a time limit, so that a silent API server cannot hang the script, and
# without standard input. host_path is the PATH of the host without the programs of a step.
cluster() (
	PATH=${host_path:-$PATH}
	find_kubectl || exit
	kube_program="timeout -k 2 $((${engine_timeout:-20} + 5)) $kube_program"
	kube --request-timeout="${engine_timeout:-20}s" "$@" </dev/null
)

# cluster_reason CODE FILE: prints why kubectl failed, in one line, from its exit code and standard error.
cluster_reason() {
	case $1 in
		124 | 137) echo "the API server does not answer within ${engine_timeout:-20} s" ;;
		*)
			sed -n '/^[WEI][0-9][0-9][0-9][0-9] /d; s/^Error from server ([A-Za-z]*): //; s/^Error from server: //; s/^error: //
				s/^Unable to connect to the server: /the API server cannot be reached: /; s/^The connection to the server \([^ ]*\) was refused.*/the API server at \1 refuses connections/; /./{p;q;}' "$2" | grep . || echo "kubectl ended with exit code $1"
			;;
	esac
}

# cluster_said ARGUMENT...: like `cluster`; where it fails, prints only the reason, in one line, on standard error.
cluster_said() (
	cluster_error=$(mktemp) || exit
	trap 'rm -f -- "$cluster_error"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	cluster "$@" 2>"$cluster_error" || {
		cluster_code=$?
		cluster_reason "$cluster_code" "$cluster_error" >&2
		exit "$cluster_code"
	}
)

# items KIND... [OPTION...]: prints the objects of these kinds as a JSON array. Fails when the API server does not say all of them.
items() { cluster_said get "$@" -o 'jsonpath={.items}'; }
