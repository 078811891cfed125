# shellcheck shell=sh
# Gives the images their names of then, and makes containers again that are not those of then, by Compose with the files
# of then, or by Docker as they were created where Compose would not make them so. They are not started here: no service that
# stood still runs, and nothing waits for what may never be healthy.
# Needs deployment.sh, undo-state.sh, undo-create.sh and put_states (undo-states.sh). Reads: restore_dir, run_dir, run_id, from_interrupts.

# mounted_paths ID: prints the paths of the host that a container has mounted: those of bind mounts, and of volumes that are a folder of the host.
# shellcheck disable=SC2016 # Go templates
mounted_paths() {
	engine inspect --format '{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source}}{{end}}{{end}}' "$1"
	for volume in $(engine inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}' "$1"); do
		engine volume inspect --format '{{with .Options}}{{with index . "device"}}{{println .}}{{end}}{{end}}' "$volume" | grep '^/'
	done
}

# reads_changed ID SERVICE: succeeds if one of these services reads a restored file that it has mounted: also through a link, or from a
# submodule, which change as one.
reads_changed() {
	case " $from_interrupts " in *" $2 "*) ;; *) return 1 ;; esac
	[ -s "$run_dir/changed-paths" ] || return 1
	mounted_paths "$1" | while IFS= read -r source; do
		[ -n "$source" ] || continue
		leads=$(readlink -f -- "$source") || leads=$source
		while IFS= read -r path; do
			case $path/ in "$source"/* | "$leads"/*) echo yes ;; esac
			case $source/ in "$path"/*) echo yes ;; esac
			case $leads/ in "$path"/*) echo yes ;; esac
		done <"$run_dir/changed-paths"
	done | grep -q yes
}

# has_other_texts ID SERVICE: succeeds if the undone run has recreated this service, which has a config or secret that is no file: Compose copies
# its text into a container, and Docker does not show it. A container that was there before the run has its own still.
has_other_texts() {
	case " $from_interrupts " in *" $2 "*) ;; *) return 1 ;; esac
	! grep -qxF -e "$1" "$from_dir/containers" 2>/dev/null && grep -qxF -e "$2" "$from_dir/texts" 2>/dev/null
}

# name_image: gives the image the name that Compose starts.
name_image() {
	case $2 in sha256:* | *@* | '') return 0 ;; esac
	[ "$(engine image inspect --format '{{.Id}}' "$2" 2>/dev/null)" != "$1" ] || return 0
	engine tag "$1" "$2" && echo "$2 is $(short "$1") again"
}

# makes_others SERVICE HOW-MANY: succeeds if Compose, when it includes dependencies, would create containers of those as well, with settings
# that are not its to decide here. Succeeds also when Compose does not say.
makes_others() {
	would=$(compose --dry-run up --no-start --no-build --force-recreate --scale "$1=$2" "$1" 2>&1 </dev/null) || return 0
	printf '%s\n' "$would" | containers_said 'Recreate|Creating' | while IFS= read -r other; do
		case $other in "$project-$1-"* | "$project"_"$1"_*) continue ;; esac
		{
			printf '%s\n' "$containers_now" | grep "^$1|"
			printf '%s\n' "$from_containers" | grep "^$1|" | sed 's/$/|/'
		} | tr '|' '\n' | grep -qxF -e "$other" || echo "$other"
	done | grep -q .
}

# keep_logs SERVICE: saves its logs, which recreated containers lose.
keep_logs() {
	printf '%s\n' "$containers_now" | grep "^$1|" | cut -d '|' -f 2,3 | while IFS='|' read -r one id; do
		timeout 20 docker logs --tail 5000 "$id" >"$restore_dir/$1-$one.log" 2>&1 </dev/null
	done
}

# in_a_row: succeeds if the numbers of standard input, one per line, are 1, 2, 3 …
in_a_row() { sort -n | awk '$1 != NR { exit 1 }'; }

# made_by_compose SERVICE: succeeds if Compose can create its old containers: the old files have the service, and the numbers are those that
# Compose would give. Compose continues after the highest that exists.
made_by_compose() {
	[ -n "$parses" ] || return 1
	printf '%s\n' "$services_then" | grep -qxF -e "$1" || return 1
	printf '%s\n' "$from_containers" | awk -F '|' -v service="$1" '$1 == service { print $2 }' | in_a_row || return 1
	printf '%s\n' "$containers_now" | awk -F '|' -v service="$1" '$1 == service { print $2 }' | in_a_row
}

# make_by_compose SERVICE with|without: creates containers with or without regard to dependencies. Compose includes those in a service's
# hash unless told otherwise; the container gets its old hash, so that the deployment's own "up" leaves it alone afterwards.
make_by_compose() {
	number_then=$(printf '%s\n' "$from_containers" | grep -c "^$1|")
	alone=--no-deps
	[ "$2" != with ] || makes_others "$1" "$number_then" || alone=
	# shellcheck disable=SC2046 # ids have no blanks
	give_names $(containers_of -a "$1")
	# shellcheck disable=SC2086 # one word or none
	compose up --no-start $alone --no-build --force-recreate --scale "$1=$number_then" "$1" </dev/null
}

# why_other: like why_again, for a service that was just created.
why_other() { why_recreate "$id" "$image" "$hash" "$service" "$number"; }

# make_as_then SERVICE WHY: recreates each of its containers for which the function WHY prints a reason. Call it in a subshell: it uses the
# names of the loop below.
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

# make_again SERVICE with|without: recreates its containers.
make_again() {
	# Other services get the names too: they may have used another image by the same name.
	while IFS='|' read -r other _ _ other_image other_name _; do
		[ "$other" != "$1" ] || name_image "$other_image" "$other_name"
	done <<-END
		$from_containers
	END
	if made_by_compose "$1" && make_by_compose "$1" "$2"; then
		# The old files need not be those that the old containers were created from.
		look_at_facts
		[ ! -s "$from_dir/creation" ] || (make_as_then "$1" why_other)
	else
		look_at_facts
		(make_as_then "$1" why_again) || return
		! grep -qxF -e "$1" "$from_dir/texts" 2>/dev/null || {
			echo "$1 has configs or secrets whose text only Compose can put into its new container, and Compose could not make it: they are missing there"
			return 1
		}
	fi
}

# why_again: prints why the container of the current line is recreated; nothing when it is not.
why_again() {
	why=$(why_recreate "$id" "$image" "$hash" "$service" "$number")
	case $all in
		# A second time only if it means the namespace of another container, which has another id now.
		*" $service "*) case $why in *' mode'* | 'it has no container') ;; *) why= ;; esac ;;
		*)
			[ -n "$why" ] || ! reads_changed "$id" "$service" || why='it reads a file that was put back'
			[ -n "$why" ] || ! has_other_texts "$id" "$service" || why='it has a config or secret whose text is put back'
			;;
	esac
	printf '%s' "$why"
}

# services_to_make: prints those that are to be recreated, one per line.
services_to_make() {
	while IFS='|' read -r service number _ image _ hash _; do
		id=$(container_of "$service" "$number")
		[ -z "$(why_again)" ] || printf '%s\n' "$service"
	done <<-END
		$from_containers
	END
}

# waits_for_another SERVICE NUMBER: succeeds if it uses a container that is still to be recreated in this turn.
waits_for_another() {
	for used in $(uses_then "$1" "$2"); do
		printf '%s\n' "$to_make" | grep -qxF -e "$used" && return
	done
	return 1
}

# give_back_names: a container that Compose has recreated by half has the name of the old one with the old id before it, and one that
# somebody had renamed has Compose's own name. Each gets the name of then; a name that something else has taken is left.
give_back_names() {
	while IFS='|' read -r service number _ _ _ _ name _; do
		now=$(of_container "$service" "$number" 6)
		! name_differs "$service" "$number" "$name" || {
			engine rename "$(container_of "$service" "$number")" "$name" && echo "$now is $name again"
		}
	done <<-END
		$from_containers
	END
}

# give_names_free: renames containers with a name that a container of then of another service has.
give_names_free() {
	while IFS='|' read -r service number _ _ _ _ name _; do
		of=$(engine inspect --type container --format '{{index .Config.Labels "com.docker.compose.project"}}|{{index .Config.Labels "com.docker.compose.service"}}' "$name" 2>/dev/null) || continue
		case $of in
			"$project|$service" | '|'*) ;;
			"$project|"*) engine rename "$name" "$name-until-$run_id" ;;
		esac
	done <<-END
		$from_containers
	END
}

parses=1
said=$(compose config -q 2>&1 </dev/null) || parses=
[ -n "$parses" ] || [ "${folderless:-}" = 1 ] || printf 'Compose cannot read the saved files: %s\n' "$(printf '%s\n' "$said" | sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' | tail -n 1)"
services_then=$(compose config --services 2>/dev/null </dev/null)
# Without either, nothing can be created.
can_make=$parses
[ ! -s "$from_dir/creation" ] || can_make=1
failed=0
# An undo of this undo has to do the same.
[ ! -s "$from_dir/texts" ] || cp -- "$from_dir/texts" "$restore_dir/texts" || exit
all=' '
while IFS='|' read -r _ _ _ image name _; do
	name_image "$image" "$name" || failed=1
done <<-END
	$from_containers
END
give_names_free
# In turns: a container whose network or volumes others use is created before them, as they are created with its id.
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
				echo "$service cannot be recreated: $why"
				failed=1
			fi
			continue
		fi
		keep_logs "$service"
		echo "Recreating $service: $why"
		if make_again "$service" "$dependencies"; then done_for="$done_for$service "; else not_made="$not_made$service "; fi
		look_at_facts
	done <<-END
		$from_containers
	END
	all="$all$done_for"
	# If nothing could be created, another turn creates nothing either.
	[ "$done_for" != ' ' ] && [ -n "$can_make" ] || break
done
[ "$not_made" = ' ' ] || {
	echo "These could not be recreated:$not_made"
	failed=1
}
[ "$all" != ' ' ] || [ "$not_made" != ' ' ] || echo 'Every service has its earlier image and configuration'

give_back_names
printf '%s' "$all" >"$run_dir/recreated"

names_that_differ >"$run_dir/image-names" || exit 1
while read -r id name; do
	if [ "$id" != none ]; then
		name_image "$id" "$name" || failed=1
	elif engine image rm --no-prune "$name" >/dev/null 2>&1; then
		echo "Removed the image name $name: no image had it before"
	else
		echo "Kept the image name $name, which no image had before: its image is in use"
	fi
done <"$run_dir/image-names"
[ "$failed" != 0 ] || exit 0
# No later step follows, so start what ran before, as far as it exists.
echo 'Not everything could be recreated. Starting what exists:'
put_states
exit 1
