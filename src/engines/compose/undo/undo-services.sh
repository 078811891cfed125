# shellcheck shell=sh
# Gives the images their names of then, and makes containers again that are not those of then, by Compose with the files
# of then, or by Docker as they were created where Compose would not make them so. They are not started here: no service that
# stood still runs, and nothing waits for what may never be healthy.
# Needs deployment.sh, undo-state.sh, undo-create.sh and put_states (undo-states.sh). Reads: restore_dir, run_dir, run_id, from_interrupts.

# Whether a service that this is about reads a file that was put back, through a bind mount.
reads_changed() {
	case " $from_interrupts " in *" $2 "*) ;; *) return 1 ;; esac
	[ -s "$run_dir/changed-paths" ] || return 1
	engine inspect --format '{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source}}{{end}}{{end}}' "$1" | while IFS= read -r source; do
		[ -n "$source" ] || continue
		while IFS= read -r path; do
			case $path/ in "$source"/*) echo yes ;; esac
		done <"$run_dir/changed-paths"
	done | grep -q yes
}

# The image under the name that Compose starts.
name_image() {
	case $2 in sha256:* | *@* | '') return 0 ;; esac
	[ "$(engine image inspect --format '{{.Id}}' "$2" 2>/dev/null)" != "$1" ] || return 0
	engine tag "$1" "$2" && echo "$2 is $(short "$1") again"
}

# makes_others SERVICE HOW-MANY: whether Compose, when it regards the services that this one depends on, would make
# containers of those as well: what they were made with then is decided here, not by it. True also when it does not say.
makes_others() {
	would=$(compose --dry-run up --no-start --no-build --force-recreate --scale "$1=$2" "$1" 2>&1 </dev/null) || return 0
	printf '%s\n' "$would" | sed -n 's/^.*Container \([^ ]*\)  *Recreate$/\1/p; s/^.*Container \([^ ]*\)  *Creating$/\1/p' | while IFS= read -r other; do
		case $other in "$project-$1-"* | "$project"_"$1"_*) continue ;; esac
		{
			printf '%s\n' "$containers_now" | grep "^$1|"
			printf '%s\n' "$from_containers" | grep "^$1|" | sed 's/$/|/'
		} | tr '|' '\n' | grep -qxF -e "$other" || echo "$other"
	done | grep -q .
}

# keep_logs SERVICE: a container that is made again loses its log.
keep_logs() {
	printf '%s\n' "$containers_now" | grep "^$1|" | cut -d '|' -f 2,3 | while IFS='|' read -r one id; do
		timeout 20 docker logs --tail 5000 "$id" >"$restore_dir/$1-$one.log" 2>&1 </dev/null
	done
}

# in_a_row: whether the numbers of standard input, a line each, are 1, 2, 3 …
in_a_row() { sort -n | awk '$1 != NR { exit 1 }'; }

# made_by_compose SERVICE: whether Compose makes the containers of then of it: its files of then have the service, and the
# numbers are those that Compose would give. It goes on after the highest that is there.
made_by_compose() {
	[ -n "$parses" ] || return 1
	printf '%s\n' "$services_then" | grep -qxF -e "$1" || return 1
	printf '%s\n' "$from_containers" | awk -F '|' -v service="$1" '$1 == service { print $2 }' | in_a_row || return 1
	printf '%s\n' "$containers_now" | awk -F '|' -v service="$1" '$1 == service { print $2 }' | in_a_row
}

# make_by_compose SERVICE with|without: Compose counts dependencies into the hash of a service unless it is told to leave them out;
# the container gets the hash of then, so that the deployment's own "up" leaves it alone afterwards.
make_by_compose() {
	number_then=$(printf '%s\n' "$from_containers" | grep -c "^$1|")
	alone=--no-deps
	[ "$2" != with ] || makes_others "$1" "$number_then" || alone=
	# shellcheck disable=SC2046 # ids have no blanks
	give_names $(containers_of -a "$1")
	# shellcheck disable=SC2086 # one word or none
	compose up --no-start $alone --no-build --force-recreate --scale "$1=$number_then" "$1" </dev/null
}

# why_other: the same as why_again, of a service that was just made.
why_other() { why_recreate "$id" "$image" "$hash" "$service" "$number"; }

# make_as_then SERVICE WHY: each container of it of which the function WHY says why it is not the one of then. For a subshell: it
# uses the names of the loop below.
make_as_then() {
	failed=0
	while IFS='|' read -r service number _ image name hash _; do
		[ "$service" = "$1" ] || continue
		id=$(container_of "$service" "$number")
		[ -n "$($2)" ] || continue
		name_image "$image" "$name"
		create_as_then "$service" "$number" || failed=1
	done <<-END
		$from_containers
	END
	return "$failed"
}

# make_again SERVICE with|without
make_again() {
	# The names go to other services, too, which may have had another image by the same name.
	while IFS='|' read -r other _ _ other_image other_name _; do
		[ "$other" != "$1" ] || name_image "$other_image" "$other_name"
	done <<-END
		$from_containers
	END
	if made_by_compose "$1" && make_by_compose "$1" "$2"; then
		# Its files of then need not be those that the containers of then were made from.
		look_at_facts
		[ ! -s "$from_dir/creation" ] || (make_as_then "$1" why_other)
	else
		look_at_facts
		(make_as_then "$1" why_again)
	fi
}

# why_again: why the container of the line that was read is made again; nothing when it is not.
why_again() {
	why=$(why_recreate "$id" "$image" "$hash" "$service" "$number")
	case $all in
		# A second time only where the namespace of another container is meant, which has another id now.
		*" $service "*) case $why in *' mode'* | 'it has no container') ;; *) why= ;; esac ;;
		*) [ -n "$why" ] || ! reads_changed "$id" "$service" || why='it reads a file that was put back' ;;
	esac
	printf '%s' "$why"
}

# services_to_make: those that are to be made again, a line each.
services_to_make() {
	while IFS='|' read -r service number _ image _ hash _; do
		id=$(container_of "$service" "$number")
		[ -z "$(why_again)" ] || printf '%s\n' "$service"
	done <<-END
		$from_containers
	END
}

# waits_for_another SERVICE NUMBER: whether it uses a container that is still to be made again in this turn.
waits_for_another() {
	for used in $(uses_then "$1" "$2"); do
		printf '%s\n' "$to_make" | grep -qxF -e "$used" && return
	done
	return 1
}

parses=1
said=$(compose config -q 2>&1 </dev/null) || parses=
[ -n "$parses" ] || printf 'Compose cannot read the saved files: %s\n' "$(printf '%s\n' "$said" | sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' | tail -n 1)"
services_then=$(compose config --services 2>/dev/null </dev/null)
# Without either, nothing can be made.
can_make=$parses
[ ! -s "$from_dir/creation" ] || can_make=1
failed=0
all=' '
while IFS='|' read -r _ _ _ image name _; do
	name_image "$image" "$name" || failed=1
done <<-END
	$from_containers
END
# In turns: what is used by others (its network, its volumes) is made before them, for they are made with its id.
for _ in 1 2 3 4 5 6 7 8; do
	done_for=' ' not_made=' '
	look_at_facts
	to_make=$(services_to_make)
	[ -n "$to_make" ] || break
	while IFS='|' read -r service number _ image _ hash _ dependencies; do
		case $done_for$not_made in *" $service "*) continue ;; esac
		[ -z "$can_make" ] || ! waits_for_another "$service" "$number" || continue
		id=$(container_of "$service" "$number")
		why=$(why_again)
		[ -n "$why" ] || continue
		if [ -z "$can_make" ]; then
			done_for="$done_for$service "
			if [ -n "$id" ] && [ "$(engine inspect --format '{{.Image}}' "$id")" = "$image" ]; then
				echo "$service keeps its container ($why)"
			else
				echo "$service cannot be made again: $why"
				failed=1
			fi
			continue
		fi
		keep_logs "$service"
		echo "Making $service again: $why"
		if make_again "$service" "$dependencies"; then done_for="$done_for$service "; else not_made="$not_made$service "; fi
		look_at_facts
	done <<-END
		$from_containers
	END
	all="$all$done_for"
	# Where nothing could be made, another turn makes nothing either.
	[ "$done_for" != ' ' ] && [ -n "$can_make" ] || break
done
[ "$not_made" = ' ' ] || {
	echo "These could not be made again:$not_made"
	failed=1
}
[ "$all" != ' ' ] || [ "$not_made" != ' ' ] || echo 'Every service has the image and the configuration of then'

names_that_differ >"$run_dir/image-names" || exit 1
while read -r id name; do
	if [ "$id" != none ]; then
		name_image "$id" "$name" || failed=1
	elif engine image rm --no-prune "$name" >/dev/null 2>&1; then
		echo "No image has the name $name any more: none had it then"
	else
		echo "The name $name stays, although no image had it then: its image is in use"
	fi
done <"$run_dir/image-names"
[ "$failed" != 0 ] || exit 0
# No later step comes: what ran then is started as far as it is there.
echo 'Not all of it could be made again. What is there is started:'
put_states
exit 1
