# shellcheck shell=sh
# What the procedures of runbooks/kubernetes.yaml do to workloads. Each function prints what it has done; it fails, with the reason, where it
# has changed nothing or not everything. None waits, but for roll_back_all. Needs cluster.sh, json.sh, kubernetes.sh, kubernetes-settings.sh,
# kubernetes-keep.sh, kubernetes-converge.sh and kubernetes-patch.sh. Reads: run_dir, state_dir, plan_ground; roll_back_all also `order`, names
# of workloads with blanks between, and `workload_limit` and `settle`, s.

# lets_go ROW: prints the operation that lets a paused rollout go on, with a comma before it: a template that is put back does nothing while
# its deployment is paused.
lets_go() { [ "$(field "$1" 10)" != true ] || printf ',%s' "$(operation remove /spec/paused)"; }

# roll_back_to_revision WORKLOAD REVISION: gives the workload the pod template of that ReplicaSet or ControllerRevision, and nothing else.
roll_back_to_revision() {
	back_row=$(workload_row "$1") && back_to=$(revision_row "$back_row" "$2") || return
	[ "$(field "$back_to" 6)" != current ] || [ "$(field "$back_row" 10)" = true ] || {
		echo "$1 has that pod template already"
		return 1
	}
	cause=${cause:-"rolled back to revision $(field "$back_to" 2) of then ($2)${run_id:+ by run $run_id}"}
	(umask 077 && { operation replace /spec/template "$(field "$back_to" 8)" && lets_go "$back_row"; } >"$run_dir/back.operations") || return
	patch_workload "$1" "$run_dir/back.operations" && echo "$1: is to run $(field "$back_to" 4), by the pod template of $2"
	code=$?
	rm -f -- "$run_dir/back.operations"
	return "$code"
}

# plain_spec: copies a spec without what a restart leaves in it, and without its replicas.
plain_spec() {
	sed 's|"kubectl.kubernetes.io/restartedAt":"[^"]*",\{0,1\}||; s/,}/}/g; s/"annotations":{},\{0,1\}//; s/,}/}/g' | { printf '{"spec":%s}\n' "$(cat)" | json_row 'spec!replicas,paused'; }
}

# scaled_by OBJECT: prints the autoscaler to which the replicas of the workload belong; nothing when there is none. Fails, with the reason, when the API
# server does not say: an autoscaler that is not seen would set the number again, and it would look like somebody's change.
scaled_by() {
	scaled_rows=$(autoscaler_rows 2>&1) || {
		echo "it is not known whether an autoscaler sets the number of pods of $1: $scaled_rows" >&2
		return 1
	}
	printf '%s\n' "$scaled_rows" | awk -F '\t' -v object="$1" '$1 == object { print $2; exit }'
}

# spec_to_put FOLDER ROW AUTOSCALER: prints the kept spec of the workload; with the replicas of now where an autoscaler sets them.
spec_to_put() {
	put_object=$(field "$2" 2)
	if [ -n "$3" ] && [ "$(field "$2" 6)" != - ]; then
		spec_of "$1" "$put_object" | json_set replicas "$(field "$2" 6)"
	else
		spec_of "$1" "$put_object"
	fi
}

# put_settings FOLDER OBJECT: gives the settings that the kept spec names their content of then; counts in settings_changed those that it changed.
put_settings() {
	settings_changed=0
	spec_of "$1" "$2" | settings_of >"$run_dir/settings.named" || return
	while read -r kind name; do
		said=$(put_setting "$1" "$kind" "$name") || {
			printf '%s\n' "$said"
			return 1
		}
		case $said in
			'') ;;
			*' of then'*) settings_changed=$((settings_changed + 1)) && printf '%s\n' "$said" ;;
			*) printf '%s\n' "$said" ;;
		esac
	done <"$run_dir/settings.named"
	rm -f -- "$run_dir/settings.named"
}

# roll_back_to_spec NAME WORKLOAD: gives the workload its whole spec that is kept under the name of a deployment or a run (`kept_folder`), and
# the settings that it names their content of then. Pods do not see other settings by themselves: they are made anew.
roll_back_to_spec() {
	kept_in=$(kept_folder "$1") || return
	kept=$(kept_row "$kept_in" "$2") || {
		echo "$2 was not part of the deployment in $1"
		return 1
	}
	of=$1 object=$(field "$kept" 2)
	case $of in */*) of='the restore point' ;; esac
	rows=$(workload_rows) || return
	back_row=$(printf '%s\n' "$rows" | awk -F '\t' -v object="$object" '$2 == object')
	[ -z "$back_row" ] || is_as_seen "$back_row" || {
		echo "somebody has changed $2 since the plan was made. Nothing was changed. Plan again."
		return 1
	}
	back_scaler=
	[ -z "$back_row" ] || back_scaler=$(scaled_by "$object" 2>&1) || {
		echo "$back_scaler. Nothing was changed"
		return 1
	}
	put_settings "$kept_in" "$object" || return
	cause=${back_cause:-"rolled back to the spec of $of${run_id:+ by run $run_id}"}
	if [ -z "$back_row" ]; then
		create_workload "$kept_in" "$object"
		return
	fi
	spec=$(spec_to_put "$kept_in" "$back_row" "$back_scaler") || return
	if [ "$(printf '%s\n' "$spec" | plain_spec)" = "$(field "$back_row" 12 | plain_spec)" ] && [ "$(printf '%s\n' "$spec" | json_row replicas)" = "$(field "$back_row" 6)" ] && [ "$(field "$back_row" 10)" = "$(printf '%s\n' "$spec" | json_row paused | sed 's/^false$/-/')" ]; then
		[ "$settings_changed" -gt 0 ] || {
			echo "$2: is as it was then"
			return 0
		}
		restart_workload "$2"
		return
	fi
	# A template that is as the cluster knows it begins no rollout. With other settings its pods must be made anew all the same.
	[ "$settings_changed" = 0 ] || spec=$(printf '%s\n' "$spec" | with_restart)
	kept_replicas=-
	[ -n "$back_scaler" ] || kept_replicas=$(printf '%s\n' "$spec" | json_row replicas)
	change_workload "$2" "$(operation replace /spec "$spec")" "$kept_replicas" && echo "$2: is to run $(field "$kept" 7), by its spec of $of" && {
		[ "$(field "$back_row" 6)" = "$(printf '%s\n' "$spec" | json_row replicas)" ] || echo "$2: that is $(printf '%s\n' "$spec" | json_row replicas) pods instead of $(field "$back_row" 6)"
	}
}

# with_restart: copies a spec with a mark in its pod template that makes its pods anew, as `kubectl rollout restart` does.
with_restart() (
	spec=$(cat)
	mark="\"kubectl.kubernetes.io/restartedAt\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\""
	annotations=$(printf '%s\n' "$spec" | json_row template.metadata.annotations | sed 's|"kubectl.kubernetes.io/restartedAt":"[^"]*",\{0,1\}||; s/,}$/}/')
	case $annotations in
		-) metadata=$(printf '%s\n' "$spec" | json_row template.metadata) && printf '%s\n' "$spec" | json_set template.metadata "{\"annotations\":{$mark},${metadata#?}" ;;
		'{}') printf '%s\n' "$spec" | json_set template.metadata.annotations "{$mark}" ;;
		*) printf '%s\n' "$spec" | json_set template.metadata.annotations "{$mark,${annotations#?}" ;;
	esac
)

# create_workload FOLDER OBJECT: creates a kept workload that is gone.
create_workload() {
	case $2 in deployment/*) create_kind=Deployment ;; statefulset/*) create_kind=StatefulSet ;; *) create_kind=DaemonSet ;; esac
	lock_is_ours || return
	json_row metadata.name metadata.labels metadata.annotations spec <"$1/workload/$(file_of "$2").json" | (
		umask 077
		IFS='	' read -r name labels annotations spec
		printf '{"apiVersion":"apps/v1","kind":"%s","metadata":{"name":"%s"%s%s},"spec":%s}\n' "$create_kind" "$name" "$(member labels "$labels")" "$(member annotations "$annotations")" "$spec"
	) >"$run_dir/create.json"
	said=$(cluster_said create -f "$run_dir/create.json" -o name 2>&1)
	code=$?
	rm -f -- "$run_dir/create.json"
	if [ "$code" = 0 ]; then echo "$2: was gone, and is created anew"; else echo "$2 cannot be created: $said"; fi
	return "$code"
}

# in_order NAME: prints the workloads of that deployment in the order in which they are put back: those of $order, then the others.
in_order() {
	kept_in=$(kept_folder "$1") || return
	{
		printf '%s\n' ${order:-}
		cut -f 1 "$kept_in/workloads"
	} | awk -v kept=" $(cut -f 1 "$kept_in/workloads" | tr '\n' ' ')" 'index(kept, " " $1 " ") && !seen[$1]++'
}

# roll_back_all NAME: puts every workload back to that deployment, one after the other, each converged before the next. What is as it was
# then is left alone. A workload that was not part of it is scaled to 0, or removed if it cannot be scaled: its spec is in this run's
# restore point.
roll_back_all() {
	all_in=$(kept_folder "$1") && all_order=$(in_order "$1") && all_now=$(workload_rows) || return
	all_done=
	for all_one in $all_order; do
		roll_back_to_spec "$1" "$all_one" && wait_converged "${workload_limit:-300}" "${settle:-5}" "$all_one" || {
			echo "Stopped at $all_one. Put back before it:${all_done:- nothing}"
			return 1
		}
		all_done="$all_done $all_one"
	done
	printf '%s\n' "$all_now" | cut -f 1,2 | while IFS='	' read -r name object; do
		[ -z "$name" ] || cut -f 2 "$all_in/workloads" | grep -qxF -e "$object" || take_out "$name" || exit
	done
}

# take_out WORKLOAD: scales a workload to 0 that was not part of the deployment, or removes it where it cannot be scaled.
take_out() {
	lock_is_ours && out_row=$(workload_row "$1") || return
	if [ "$(field "$out_row" 6)" != - ]; then
		change_workload "$1" "$(operation replace /spec/replicas 0)" 0 && echo "$1: was not part of the deployment then; scaled to 0"
	else
		cluster_said delete "$(field "$out_row" 2)" --wait=false -o name >/dev/null && echo "$1: was not part of the deployment then; removed, its spec is kept"
	fi
}

# scale_workload WORKLOAD NUMBER: changes how many pods it has. While an autoscaler sets that, only 0 holds: it leaves what is at 0 alone.
scale_workload() {
	case $2 in '' | *[!0-9]*)
		echo "not a number of pods: $2"
		return 1
		;;
	esac
	scale_row=$(workload_row "$1") || return
	[ "$(field "$scale_row" 6)" != - ] || {
		echo "$1 has a pod on each node: it has no number of pods"
		return 1
	}
	scaler=
	[ "$2" = 0 ] || scaler=$(scaled_by "$(field "$scale_row" 2)" 2>&1) || {
		echo "$scaler. Nothing was changed"
		return 1
	}
	[ -z "$scaler" ] || [ "$(field "$scale_row" 6)" = 0 ] || {
		echo "the number of pods of $1 belongs to the autoscaler $scaler, which would set it again: change that instead"
		return 1
	}
	# An autoscaler may change what is not 0.
	kept_replicas=$2
	[ -z "$scaler" ] || kept_replicas=-
	change_workload "$1" "$(operation replace /spec/replicas "$2")" "$kept_replicas" && echo "$1: is to run $2 pods instead of $(field "$scale_row" 6)"
}

# restart_workload WORKLOAD: makes every pod anew from the same template, by the order and pace of its update strategy.
restart_workload() {
	restart_row=$(workload_row "$1") || return
	change_workload "$1" "$(operation replace /spec "$(field "$restart_row" 12 | with_restart)")" && echo "$1: its pods are made anew"
}

# pause_rollout WORKLOAD: holds the rollout of a deployment.
pause_rollout() {
	pause_row=$(workload_row "$1") || return
	case $(field "$pause_row" 2) in deployment/*) ;; *)
		echo "$1 is no deployment: only the rollout of a deployment can be paused"
		return 1
		;;
	esac
	[ "$(field "$pause_row" 10)" != true ] || {
		echo "$1 is paused already"
		return 1
	}
	change_workload "$1" "$(operation add /spec/paused true)" && echo "$1: its rollout is paused"
}

# resume_rollout WORKLOAD: lets a paused rollout go on.
resume_rollout() {
	resume_row=$(workload_row "$1") || return
	[ "$(field "$resume_row" 10)" = true ] || {
		echo "$1 is not paused"
		return 1
	}
	change_workload "$1" "$(operation remove /spec/paused)" && echo "$1: its rollout goes on"
}

# revision_before ROW: prints the name of the newest revision before the one that the workload has. Fails when the cluster keeps none.
revision_before() {
	revisions=$(revision_rows "$1") || return
	printf '%s\n' "$revisions" | awk -F '\t' '$1 != "" && $6 != "current" { print $1; found = 1; exit } END { exit !found }' || {
		echo "the cluster keeps no other revision of $(field "$1" 1): choose a kept spec instead" >&2
		return 1
	}
}

# take_rollout_back WORKLOAD: puts the workload back to the revision before a rollout that is stuck. Where nothing is stuck it refuses: called
# twice it would go forward to the bad one again, as `kubectl rollout undo` does.
take_rollout_back() {
	stuck_row=$(workload_row "$1") && stuck_why=$(not_converged "$1") || return
	[ -n "$stuck_why" ] || {
		echo "$1 has converged, so there is no rollout to take back: choose a revision instead"
		return 1
	}
	stuck_before=$(revision_before "$stuck_row" 2>&1) || {
		echo "$stuck_before"
		return 1
	}
	roll_back_to_revision "$1" "$stuck_before"
}
