# shellcheck shell=sh
# What the procedures of runbooks/swarm.yaml do to services. Each function prints what it has done; it fails, with the reason, where it has
# changed nothing or not everything. None waits, but for roll_back_stack: follow_update does. Needs json.sh, swarm.sh, swarm-keep.sh,
# swarm-converge.sh, swarm-put.sh and swarm-updates.sh. Reads: stack, run_dir, state_dir, plan_ground; roll_back_stack also `order`, names of services with
# blanks between, and `service_limit` and `settle`, s.

# image_can_be_had IMAGE: succeeds if this host has the image or its registry does, and says what is known of the other nodes. Pulls nothing.
image_can_be_had() {
	case $1 in -* | '' | *[!A-Za-z0-9._/:@-]*)
		echo "not an image: $1"
		return 1
		;;
	esac
	digests=$(engine image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' -- "$1" 2>/dev/null) || {
		said=$(engine_timeout=60 engine manifest inspect -- "$1" 2>&1 >/dev/null) || {
			echo "$1 is not on this host, and its registry does not have it: $(printf '%s\n' "$said" | tail -n 1)"
			return 1
		}
		echo "the registry has $1, and each node that is to run it pulls it"
		return 0
	}
	nodes=$(node_rows | grep -c .)
	if [ -n "$digests" ] || [ "$nodes" = 1 ]; then
		echo "$1 is on this host"
	else
		echo "$1 is on this host, and was never in a registry: each of the $nodes nodes that is to run it must have it already"
	fi
}

# roll_back_to_image SERVICE IMAGE: changes the image and nothing else. The label by which `docker stack deploy` knows the image of the
# stack file goes along: with the old label it would take the next deployment of that image for no change, and leave this one.
roll_back_to_image() {
	name=${2%@*}
	change_spec "$1" TaskTemplate.ContainerSpec.Image "$(json_text "$2")" Labels.com.docker.stack.image "$(json_text "$name")" &&
		echo "$1: is to run $2"
}

# roll_back_to_spec NAME SERVICE: gives the service the spec that is kept under the name of a deployment or a run (`kept_folder`).
roll_back_to_spec() {
	kept_in=$(kept_folder "$1") || return
	[ -s "$kept_in/spec/$2.json" ] || {
		echo "$2 was not part of the stack in $1"
		return 1
	}
	(umask 077 && fitting_spec "$kept_in" "$2" >"$run_dir/back.json") || {
		rm -f -- "$run_dir/back.json"
		return 1
	}
	of=$1
	case $of in */*) of='the restore point' ;; esac
	had=$(service_row "$2" 2>/dev/null | cut -f 5) gets=$(json_row Mode.Replicated.Replicas <"$run_dir/back.json")
	put_spec "$2" "$run_dir/back.json" && echo "$2: is to run $(json_row TaskTemplate.ContainerSpec.Image <"$run_dir/back.json"), by its spec of $of" &&
		{ [ "${had:-$gets}" = "$gets" ] || echo "$2: that is $gets tasks instead of $had"; }
	code=$?
	rm -f -- "$run_dir/back.json"
	return "$code"
}

# specs_fit NAME [SERVICE]: succeeds if every spec of that deployment (or the one) can be put back; prints what stands in the way.
specs_fit() {
	kept_in=$(kept_folder "$1") || return
	bad=0
	for one in ${2:-$(cut -f 1 "$kept_in/services")}; do
		fitting_spec "$kept_in" "$one" look >/dev/null || bad=1
	done
	return "$bad"
}

# spec_difference NAME SERVICE: prints in what the kept spec and the one of now differ, a line each. Of variables only the names: values
# may be secrets.
spec_difference() (
	kept_in=$(kept_folder "$1") && row=$(service_row "$2") && scratch=$(mktemp -d) || exit
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	printf '%s\n' "$row" | cut -f 9 | json_lines | sed 's/\.Env\.[0-9]*/.Env/' | LC_ALL=C sort >"$scratch/now"
	json_lines <"$kept_in/spec/$2.json" | sed 's/\.Env\.[0-9]*/.Env/' | LC_ALL=C sort >"$scratch/then"
	{
		LC_ALL=C comm -23 "$scratch/now" "$scratch/then" | sed 's/^/now   /'
		LC_ALL=C comm -13 "$scratch/now" "$scratch/then" | sed 's/^/then  /'
	} | sed 's/\.Env "\([^=]*\)=.*/.Env \1/; s/TaskTemplate\.\(ContainerSpec\.\)\{0,1\}//' | grep -v ' ForceUpdate ' | LC_ALL=C sort -s -b -k 2,2
)

# in_order NAME: prints the services of that deployment in the order in which they are put back: those of $order, then those with the label
# backout.order, by its number, then the others.
in_order() {
	kept_in=$(kept_folder "$1") || return
	{
		printf '%s\n' ${order:-}
		cut -f 1 "$kept_in/services" | while IFS= read -r one; do
			printf '%s %s\n' "$(json_row Labels.backout.order <"$kept_in/spec/$one.json" | sed 's/^-$/999999/')" "$one"
		done | LC_ALL=C sort -n | cut -d ' ' -f 2
	} | awk -v kept=" $(cut -f 1 "$kept_in/services" | tr '\n' ' ')" 'index(kept, " " $1 " ") && !seen[$1]++'
}

# same_work SERVICE FILE: succeeds if the service runs the spec in the file already, but for the counter of forced updates.
same_work() {
	is=$(service_row "$1" 2>/dev/null | cut -f 9 | json_set TaskTemplate.ForceUpdate 0)
	[ -n "$is" ] && [ "$is" = "$(json_set TaskTemplate.ForceUpdate 0 <"$2")" ]
}

# roll_back_stack NAME: puts every service back to that deployment, one after the other, each converged before the next. What is as it was
# then is left alone. A service that the stack did not have then is scaled to 0, or removed if it is global: its spec is in this run's
# restore point.
roll_back_stack() {
	specs_fit "$1" || {
		echo 'Not everything can be put back, so nothing was changed'
		return 1
	}
	back_in=$(kept_folder "$1") && back_order=$(in_order "$1") && back_now=$(service_rows) || return
	back_done=
	for back in $back_order; do
		(umask 077 && fitting_spec "$back_in" "$back" >"$run_dir/stack.$back.json") || return
		if same_work "$back" "$run_dir/stack.$back.json" && [ -z "$(not_converged "$back")" ]; then
			echo "$back: is as it was then"
		else
			roll_back_to_spec "$1" "$back" && follow_update "${service_limit:-180}" "${settle:-5}" "$back" || {
				echo "Stopped at $back. Put back before it:${back_done:- nothing}"
				return 1
			}
			back_done="$back_done $back"
		fi
		rm -f -- "$run_dir/stack.$back.json"
	done
	for back in $(printf '%s\n' "$back_now" | cut -f 1); do
		! cut -f 1 "$back_in/services" | grep -qxF -e "$back" || continue
		take_out "$back" || return
	done
}

# take_out SERVICE: scales a service to 0 that is not part of the deployment, or removes it where it cannot be scaled.
take_out() {
	row=$(service_row "$1") || return
	if [ "$(printf '%s\n' "$row" | cut -f 5)" != - ]; then
		change_spec "$1" Mode.Replicated.Replicas 0 && echo "$1: was not part of the stack then; scaled to 0"
	else
		engine service rm "$(printf '%s\n' "$row" | cut -f 2)" >/dev/null && echo "$1: was not part of the stack then; removed, its spec is kept"
	fi
}

# scale_service SERVICE NUMBER: changes how many tasks a replicated service has.
scale_service() {
	case $2 in '' | *[!0-9]*)
		echo "not a number of tasks: $2"
		return 1
		;;
	esac
	row=$(service_row "$1") || return
	had=$(printf '%s\n' "$row" | cut -f 5)
	[ "$had" != - ] || {
		echo "$1 is global or a job: it has no number of tasks"
		return 1
	}
	change_spec "$1" Mode.Replicated.Replicas "$2" && echo "$1: is to run $2 tasks instead of $had"
}

# restart_service SERVICE: makes every task anew from the same spec, by the order and pace of its update settings.
restart_service() {
	row=$(service_row "$1") || return
	(umask 077 && printf '%s\n' "$row" | cut -f 9 >"$run_dir/restart.json") || return
	forced=$(json_row TaskTemplate.ForceUpdate <"$run_dir/restart.json" | sed 's/^-$/0/')
	put_spec "$1" "$run_dir/restart.json" "$((forced + 1))" && echo "$1: its tasks are made anew"
	code=$?
	rm -f -- "$run_dir/restart.json"
	return "$code"
}
