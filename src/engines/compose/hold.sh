# shellcheck shell=sh disable=SC2016,SC2154 # Go templates; restore_dir and run_dir are the run's
# Keeps stopped containers stopped, whoever wants to start them: a restart policy, a health watcher, a cron job, another
# machine over SSH, a restart of Docker or of the host. Labels of a container cannot be changed, so Compose always finds
# it; but a container that is connected to a network which is not there any more cannot be started by anybody. Nothing of
# it is lost: disconnected from that network it starts as it was, with its log. Its restart policy is noted in the
# container itself, as an alias in that network. Nor can Compose make it anew, as it does where it finds another configuration: it
# makes the next container before it takes the old one away, under a name that is taken then.
#
# Needs deployment.sh; in a step also `restore_dir`.

held_network='held-by-backout'

# policy_of ID: prints its restart policy in the form that docker update takes.
policy_of() {
	engine inspect --format '{{or .HostConfig.RestartPolicy.Name "no"}}{{if .HostConfig.RestartPolicy.MaximumRetryCount}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}{{end}}' "$1"
}

# held_policy ID: prints the restart policy that a held container had; nothing when it is not held.
held_policy() {
	engine inspect --format '{{range $name, $at := .NetworkSettings.Networks}}{{if eq $name "held-by-backout"}}{{range $at.Aliases}}{{println .}}{{end}}{{end}}{{end}}' "$1" |
		sed -n 's/^policy-//p' | sed 's/^on-failure-/on-failure:/' | head -n 1
}

# noted_policy ID: prints the restart policy noted by this run, or else by the last run that stopped it.
noted_policy() {
	cat "${run_dir%/*}"/*/restore/undo/restart-policies "$restore_dir/undo/restart-policies" 2>/dev/null |
		sed -n "s/^$1 //p" | grep -v '^no$' | tail -n 1
}

# not_restarted ID...: stops Docker from restarting them. Their policies are noted, and undo restores them.
not_restarted() {
	mkdir -p "$restore_dir/undo" || return
	cat >"$restore_dir/undo/10-restart-policy.sh" <<-'END'
		while read -r id policy; do
			docker network disconnect -f held-by-backout "$id" >/dev/null 2>&1 </dev/null
			for taken in $(docker ps -aq --filter "label=backout.holds=$id" </dev/null); do docker rm "$taken" >/dev/null </dev/null; done
			docker update --restart "$policy" "$id" >/dev/null </dev/null || echo "container $id is gone: nothing to restore"
		done <"$from_dir/undo/restart-policies"
	END
	for id; do
		policy=$(held_policy "$id")
		[ -n "$policy" ] || policy=$(policy_of "$id") || return
		grep -q "^$id " "$restore_dir/undo/restart-policies" 2>/dev/null || printf '%s %s\n' "$id" "$policy" >>"$restore_dir/undo/restart-policies"
		[ "$policy" = no ] || engine update --restart no "$id" >/dev/null || return
	done
}

# hold ID...: makes it impossible to start these stopped containers until they are released. Needs not_restarted before. Prints the names of
# those that cannot be held (a container in the host's network has no other); fails with 1 when Docker refused.
hold() {
	engine network create --label backout=held "$held_network" >/dev/null 2>&1
	for id; do
		[ -z "$(held_policy "$id")" ] || continue
		policy=$(noted_policy "$id" | tr : -)
		engine network connect --alias "policy-${policy:-no}" "$held_network" "$id" >/dev/null 2>&1 ||
			engine inspect --format '{{.Name}}' "$id" | sed 's|^/||'
	done
	# Not while one of them runs: somebody has started it meanwhile.
	engine network rm "$held_network" >/dev/null 2>&1
	! engine network inspect "$held_network" >/dev/null 2>&1
}

# let_go ID...: takes them out of the network that could not be removed (Podman removes none that containers use, and older ones of it change no
# restart policy): it holds nothing, and whoever starts one would be connected to it.
let_go() {
	for id; do engine network disconnect -f "$held_network" "$id" >/dev/null 2>&1; done
	engine network rm "$held_network" >/dev/null 2>&1
}

# never_runs IMAGE ARGUMENT...: creates a container of the image, named and labelled by the arguments of docker create. It gets none of
# Compose's labels, though the image may have them, and no volume.
never_runs() {
	image=$1
	shift
	for said in $(engine image inspect --format '{{range $path, $no := .Config.Volumes}}volume={{println $path}}{{end}}{{range $label, $no := .Config.Labels}}label={{println $label}}{{end}}' "$image" 2>/dev/null); do
		case $said in
			volume=*) set -- --tmpfs "${said#*=}" "$@" ;;
			label=com.docker.compose.*) set -- --label "${said#*=}=" "$@" ;;
		esac
	done
	engine create --network none "$@" "$image" 'held by backout, which starts it again' >/dev/null 2>&1
}

# take_names ID...: stops Compose from recreating these. It would name the next container after the old one's id and name. Prints the names
# of those that it could still recreate.
take_names() {
	# Belongs to a container that somebody has removed meanwhile.
	for taken in $(engine ps -aq --filter label=backout.holds); do
		held_id=$(engine inspect --format '{{index .Config.Labels "backout.holds"}}' "$taken")
		engine inspect --type container "$held_id" >/dev/null 2>&1
		# Docker exits 1 for an unknown name and also on errors, so ask whether it still answers.
		[ $? = 1 ] && [ -n "$held_id" ] && engine version --format '{{.Server.Version}}' >/dev/null 2>&1 && engine rm "$taken" >/dev/null
	done
	for id; do
		[ -z "$(engine ps -aq --filter "label=backout.holds=$id")" ] || continue
		of=$(engine inspect --format '{{.Image}} {{.Name}}' "$id") || continue
		never_runs "${of%% *}" --name "$(printf '%.12s' "$id")_${of#* /}" --label "backout.holds=$id" || echo "${of#* /}"
	done
}

# give_names ID...: lets Compose recreate them.
give_names() {
	for id; do
		for taken in $(engine ps -aq --filter "label=backout.holds=$id"); do engine rm "$taken" >/dev/null; done
	done
}

# release ID...: lets them be started again, with the restart policy that they had.
release() {
	give_names "$@"
	for id; do
		policy=$(held_policy "$id")
		if [ -n "$policy" ]; then
			engine network disconnect -f "$held_network" "$id" || return
		elif [ "$(policy_of "$id")" = no ]; then
			policy=$(noted_policy "$id")
		fi
		case $policy in
			'' | no) ;;
			*) engine update --restart "$policy" "$id" >/dev/null && engine inspect --format "{{.Name}}: restart policy is $policy again" "$id" | sed 's|^/||' || return ;;
		esac
	done
}

# stop_and_hold FIRST REST: stops these containers (lists of ids; FIRST before the others), holds them, and checks that they stay stopped:
# Docker may be restarting one that has just died, and somebody else may start it. Leaves `held` empty if nothing holds them.
# shellcheck disable=SC2086 # lists of ids
stop_and_hold() {
	noted='' held='' alive=''
	for _ in 1 2 3 4; do
		for ids in "$1" "$2"; do
			[ -n "$ids" ] || continue
			timeout 90 docker stop -t 30 $ids >/dev/null </dev/null || timeout 30 docker kill $ids >/dev/null 2>&1 </dev/null
		done
		not_restarted $1 $2 && noted=1
		loose=$(hold $1 $2) && held=1
		alive=$(for id in $1 $2; do engine inspect --format '{{.State.Status}} {{.Name}}' "$id" 2>/dev/null; done |
			awk '$1 ~ /^(running|restarting|paused)$/ { sub("^/", "", $2); print $2 }')
		[ -n "$alive" ] || [ -z "$held" ] || break
		sleep 1
	done
	[ -z "$alive" ] || {
		echo "still running:" $alive
		return 1
	}
	[ -n "$held" ] || let_go $1 $2
	anew=$(take_names $1 $2)
	[ -z "$anew" ] || echo "a deployment could recreate these, because their names could not be taken:" $anew
	[ -n "$noted" ] || echo 'the restart policies could not be changed: a restart of Docker may start stopped containers'
	[ -n "$held" ] || echo "they are stopped, but not held: the network $held_network, without which nobody could start them, cannot be removed here"
	[ -z "$loose" ] || echo "somebody else could start these again, because they have no network of their own:" $loose
	return 0
}
