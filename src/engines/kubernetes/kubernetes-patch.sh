# shellcheck shell=sh
# Changes a workload by a JSON patch of our own, which first tests the uid and the resource version that were read together with the spec that
# the plan saw: the API server refuses where somebody was faster. Never by `kubectl rollout undo`, which follows numbers that move. Needs
# cluster.sh, json.sh, kubernetes.sh and kubernetes-lock.sh. Reads: run_dir, run_facts (may be missing), plan_ground (what the plan saw, as kubernetes-ground.sh
# prints it; without it, what is there now is taken for it), run_id, cause.

# seen OBJECT FIELD: prints a field of the workload in the plan's ground: `uid`, `spec` or `replicas`. Nothing without a plan.
seen() { printf '%s\n' "${plan_ground:-}" | awk -v start="workload: $1, " -v key="$2" 'index($0, start) == 1 && match($0, ", " key " [^,]*") { print substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3); exit }'; }

# is_as_seen ROW: succeeds while the workload is what the plan saw, or what this run has made of it. A status that changes, or an autoscaler,
# is no change by a person.
is_as_seen() (
	object=$(field "$1" 2) sum=$(field "$1" 9) replicas=$(field "$1" 6)
	then=$(seen "$object" spec)
	[ -n "$then" ] || exit 0
	cut -d ' ' -f 1,2 "$run_dir/written" 2>/dev/null | grep -qxF -e "$object $sum" && exit
	[ "$(seen "$object" uid)" = "$(field "$1" 3)" ] && [ "$sum" = "$then" ] || exit
	case $(seen "$object" replicas) in 'by '* | "$replicas") ;; *) exit 1 ;; esac
)

# change_cause: prints what is noted as the cause of a change, for `kubectl rollout history`.
change_cause() { printf 'backout: %s' "${cause:-${run_id:-changed by hand}}"; }

# annotate_ops ROW: prints the operations that note the cause, with a comma before each. Removing and adding is one to a JSON patch.
annotate_ops() {
	case $(field "$1" 11 | json_row annotations) in -) printf ',{"op":"add","path":"/metadata/annotations","value":{}}' ;; esac
	printf ',{"op":"add","path":"/metadata/annotations/kubernetes.io~1change-cause","value":%s}' "$(json_text "$(change_cause)")"
}

# patch_workload WORKLOAD OPERATIONS [REPLICAS]: changes it by the JSON patch operations in that file (with commas between, without brackets). Fails, with
# the reason and without a change, where the workload is no longer what the plan saw. The status of a workload that crashes changes all the
# time, and its version with it: while the spec is the same, it is read again. REPLICAS is the number of pods that it is to
# keep, or `-`: where the operations set one that nobody else may change.
patch_workload() {
	lock_is_ours || return
	patch_tries=0
	while :; do
		row=$(workload_row "$1") || return
		is_as_seen "$row" || {
			echo "somebody has changed $1 since the plan was made. Nothing was changed. Plan again."
			return 1
		}
		object=$(field "$row" 2)
		(
			umask 077
			printf '[{"op":"test","path":"/metadata/uid","value":"%s"},{"op":"test","path":"/metadata/resourceVersion","value":"%s"}' "$(field "$row" 3)" "$(field "$row" 4)"
			[ ! -s "$2" ] || printf ',' && cat -- "$2"
			annotate_ops "$row"
			printf ']\n'
		) >"$run_dir/patch.json" || return
		chmod 600 "$run_dir/patch.json"
		said=$(cluster_said patch "$object" --field-manager=backout --type=json --patch-file "$run_dir/patch.json" -o 'jsonpath={.spec}' 2>"$run_dir/patch.error")
		code=$?
		refused=$(cat "$run_dir/patch.error")
		rm -f -- "$run_dir/patch.json" "$run_dir/patch.error"
		if [ "$code" = 0 ]; then
			note_written "$object" "$(sum_of "$(printf '{"spec":%s}\n' "$said" | json_row 'spec!replicas')")" "${3:--}"
			return 0
		fi
		patch_tries=$((patch_tries + 1))
		now=$(workload_row "$1" 2>/dev/null) || now=
		if [ -n "$now" ] && [ "$(field "$now" 4)" = "$(field "$row" 4)" ] || [ "$patch_tries" -ge 10 ]; then
			echo "the API server refused to change $1: $refused"
			return 1
		fi
	done
}

# note_written OBJECT SUM REPLICAS: notes the specification that the run gives a workload, for its steps and for the verification after them; only
# the last one counts. REPLICAS is the number of pods that it is to keep, or `-`.
note_written() {
	printf '%s %s %s\n' "$1" "$2" "$3" >>"$run_dir/written"
	[ -z "${run_facts:-}" ] || printf 'wrote.%s\t%s %s\n' "$1" "$2" "$3" >>"$run_facts"
}

# as_wanted WORKLOAD...: notes that what these workloads are now is what the run wants: for a step that changes one by kubectl itself.
as_wanted() {
	wanted_rows=$(workload_rows) || return
	for wanted in "$@"; do
		wanted_row=$(printf '%s\n' "$wanted_rows" | awk -F '\t' -v name="$wanted" '$1 == name || $2 == name { print; exit }')
		[ -z "$wanted_row" ] || note_written "$(field "$wanted_row" 2)" "$(field "$wanted_row" 9)" -
	done
}

# operation OP PATH [VALUE]: prints an operation of a JSON patch; VALUE is JSON.
operation() {
	if [ $# -gt 2 ]; then printf '{"op":"%s","path":"%s","value":%s}' "$1" "$2" "$3"; else printf '{"op":"%s","path":"%s"}' "$1" "$2"; fi
}

# change_workload WORKLOAD OPERATIONS [REPLICAS]: the same, with the operations as a text.
change_workload() {
	(umask 077 && printf '%s' "$2" >"$run_dir/operations") || return
	patch_workload "$1" "$run_dir/operations" "${3:--}"
	code=$?
	rm -f -- "$run_dir/operations"
	return "$code"
}
