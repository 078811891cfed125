# shellcheck shell=sh
# Gives the images their names of then, and makes containers again that are not those of then, by Compose with the files
# of then. They are not started here: no service that stood still runs, and nothing waits for what may never be healthy.
# Needs deployment.sh, undo-state.sh. Reads: restore_dir, run_dir, from_interrupts.

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

# make_again SERVICE with|without: Compose counts dependencies into the hash of a service unless it is told to leave them out; the
# container gets the hash of then, so that the deployment's own "up" leaves it alone afterwards.
make_again() {
	number_then=$(printf '%s\n' "$from_containers" | grep -c "^$1|")
	alone=--no-deps
	[ "$2" != with ] || alone=
	# shellcheck disable=SC2086 # one word or none
	compose up --no-start $alone --no-build --force-recreate --scale "$1=$number_then" "$1" </dev/null
}

parses=1
said=$(compose config -q 2>&1 </dev/null) || parses=
[ -n "$parses" ] || printf 'Compose cannot read the files of then: %s\n' "$(printf '%s\n' "$said" | sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' | tail -n 1)"
failed=0
all=' '
for turn in 1 2 3; do
	done_for=' ' not_made=' '
	look_at_facts
	while IFS='|' read -r service number _ image name hash _ dependencies; do
		name_image "$image" "$name" || { failed=1; continue; }
		case $done_for in *" $service "*) continue ;; esac
		id=$(container_of "$service" "$number")
		why=$(why_recreate "$id" "$image" "$hash" "$service" "$number")
		if [ -z "$why" ] && [ "$turn" = 1 ] && reads_changed "$id" "$service"; then why='it reads a file that was put back'; fi
		[ -n "$why" ] || continue
		# A second time only where the network of another container is meant, which has another id now.
		if [ "$turn" != 1 ]; then
			case $all in *" $service "*) case $why in *' mode'* | 'it has no container') ;; *) continue ;; esac ;; esac
		fi
		done_for="$done_for$service "
		if [ -z "$parses" ]; then
			if [ -n "$id" ] && [ "$(engine inspect --format '{{.Image}}' "$id")" = "$image" ]; then
				echo "$service keeps its container ($why)"
			else
				echo "$service cannot be made again: $why"
				failed=1
			fi
			continue
		fi
		# A container that is made again loses its log.
		[ -z "$id" ] || timeout 20 docker logs --tail 5000 "$id" >"$restore_dir/$service.log" 2>&1 </dev/null
		echo "Making $service again: $why"
		# What needs another container, whose network it shares, is made in the next turn.
		make_again "$service" "$dependencies" || not_made="$not_made$service "
		# Compose may have made others that it depends on.
		look_at_facts
	done <<-END
	$from_containers
	END
	[ "$done_for" != ' ' ] || break
	all="$all$done_for"
done
[ "$not_made" = ' ' ] || failed=1
[ "$all" != ' ' ] || echo 'Every service has the image and the configuration of then'

names_that_differ >"$run_dir/image-names"
while read -r id name; do
	if [ "$id" != none ]; then
		name_image "$id" "$name" || failed=1
	elif engine image rm --no-prune "$name" >/dev/null 2>&1; then
		echo "No image has the name $name any more: none had it then"
	else
		echo "The name $name stays, although no image had it then: its image is in use"
	fi
done <"$run_dir/image-names"
exit "$failed"
