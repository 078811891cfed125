# shellcheck shell=sh
# note_containers notes what runs: what Docker says of every container, what each was made with, and its image. pin_images
# keeps those images, and what each name of an image means. keep_images does both. An image is pinned twice: by a tag,
# backout/SERVICE:RUN, and by a container that is never started, for `docker image prune -a` takes images that only have a
# name. Docker is asked for all containers and all images at once: an emergency stop waits for note_containers.
# Needs deployment.sh, container-facts.sh, networks-and-volumes.sh, keep-creation.sh and keep-path.sh. Reads: project, restore_dir, run_id, directory, keep_paths.
# shellcheck disable=SC2016 # Go templates have variables of their own

keep_images() { ! note_containers || pin_images; }

# note_containers: fails when there is nothing to pin.
note_containers() {
	command -v docker >/dev/null || {
		miss 'images and containers: docker is not installed'
		return 1
	}
	if ! engine ps -a -q --no-trunc --filter "label=com.docker.compose.project=$project" >"$restore_dir/containers" 2>"$restore_dir/docker.err"; then
		miss "images and containers: $(head -n 1 "$restore_dir/docker.err")"
		return 1
	fi
	rm -f "$restore_dir/docker.err"
	# Without the list an undo leaves the networks and volumes that were created since.
	networks_and_volumes >"$restore_dir/networks-and-volumes" 2>/dev/null || rm -f "$restore_dir/networks-and-volumes"
	[ -s "$restore_dir/containers" ] || {
		echo "no containers of project $project"
		return 1
	}
	engine ps -a --no-trunc --filter "label=com.docker.compose.project=$project" >"$restore_dir/containers.txt"
	inspect_kept >"$restore_dir/containers.json" || miss 'the state of some containers'
	facts_of_containers >"$restore_dir/container-facts" || miss 'what the containers were made with: an undo cannot prove that they are as they were'
	keep_creation
	inspect_kept --format '{{index .Config.Labels "com.docker.compose.service"}}|{{index .Config.Labels "com.docker.compose.container-number"}} {{.State.Status}} {{.State.ExitCode}}' >"$restore_dir/states" 2>/dev/null
	inspect_kept --format '{{.Image}} {{index .Config.Labels "com.docker.compose.service"}}' 2>/dev/null | sort -u >"$restore_dir/images"
	keep "the state of $(wc -l <"$restore_dir/containers") containers"
	name_written_folders
}

pin_images() {
	keep_image_names
	sed -n '/^none /!s/ .*//p' "$restore_dir/images" "$restore_dir/image-names" | sort -u >"$restore_dir/image-ids"
	# shellcheck disable=SC2046 # ids have no blanks
	image_options $(cat "$restore_dir/image-ids") >"$restore_dir/image-options"
	while read -r image service; do
		pin "$image" "$service" fact
	done <"$restore_dir/images"
	# An image with a name and no container was built, and not started yet.
	while read -r id name; do
		[ "$id" = none ] || grep -q "\"Image\": \"$id\"" "$restore_dir/containers.json" || pin "$id" "$name"
	done <"$restore_dir/image-names"
}

# image_options IMAGE...: prints what a container that only holds an image must not get from it: ID volume=PATH, ID label=NAME, a line each.
image_options() {
	engine image inspect --format '{{$id := .Id}}{{range $path, $no := .Config.Volumes}}{{$id}} volume={{println $path}}{{end}}{{range $label, $no := .Config.Labels}}{{$id}} label={{println $label}}{{end}}' \
		"$@" 2>/dev/null
}

# inspect_kept [--format FORMAT]: docker inspect of all containers at once. One that has gone since is left out, without hiding the others.
# shellcheck disable=SC2046 # ids have no blanks
inspect_kept() { engine inspect "$@" $(cat "$restore_dir/containers"); }

# pinned_as REFERENCE: prints the image that this run has given the name to, or nothing.
pinned_as() { awk -v name="$1" '$1 == name { print $2; exit }' "$restore_dir/pinned" 2>/dev/null; }

# pin IMAGE NAME [fact]
pin() {
	# A repository's name is lower case, with separators only between letters and digits.
	# shellcheck disable=SC2018,SC2019 # ASCII is meant
	name=$(printf '%s' "$2" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-' | sed 's/^-*//; s/-*$//')
	name=${name:-service}
	number=$run_id other=2
	while pinned=$(pinned_as "backout/$name:$number") && [ -n "$pinned" ] && [ "$pinned" != "$1" ] && [ "$other" -le 99 ]; do
		number=$run_id-$other
		other=$((other + 1))
	done
	[ "$pinned" != "$1" ] || return 0
	[ -z "${3:-}" ] || fact "image.$2${number#"$run_id"}" "$1"
	if ! engine tag "$1" "backout/$name:$number"; then
		miss "the image of $2: $1"
		return 0
	fi
	printf '%s %s\n' "backout/$name:$number" "$1" >>"$restore_dir/pinned"
	if held "$1" || holder "$1" "backout-$number-$name"; then
		keep "image of $2, as backout/$name:$number"
	else
		keep "image of $2, as backout/$name:$number; by its name only, so \`docker image prune -a\` would take it"
	fi
}

# held IMAGE: succeeds if a container of this run holds it already.
held() { grep -qxF -e "$1" "$restore_dir/held" 2>/dev/null; }

# holder IMAGE NAME: creates a container that uses the image and never runs. It gets none of Compose's labels, though the image may have
# them, and no volume.
holder() {
	set -- "$1" --name "$2" --label "backout.run=$run_id"
	# shellcheck disable=SC2013 # words are meant: neither a path of a volume nor the name of a label has blanks
	for said in $(sed -n "s/^$1 //p" "$restore_dir/image-options"); do
		case $said in
			volume=*) set -- "$@" --tmpfs "${said#*=}" ;;
			label=com.docker.compose.*) set -- "$@" --label "${said#*=}=" ;;
		esac
	done
	image=$1
	shift
	engine create --network none "$@" "$image" true >/dev/null 2>&1 && printf '%s\n' "$image" >>"$restore_dir/held"
}

# keep_image_names: prints a line each: ID NAME, or "none NAME" for a name that Compose uses and that no image has.
keep_image_names() {
	{
		image_names
		inspect_kept --format '{{.Config.Image}}'
		# shellcheck disable=SC2046 # ids have no blanks
		engine image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' $(cut -d ' ' -f 1 "$restore_dir/images" | sort -u)
	} 2>/dev/null | grep -v '^$\|^backout/\|@\|^sha256:\|^[0-9a-f]\{12,64\}$' | sort -u >"$restore_dir/names"
	# shellcheck disable=SC2046 # names have no blanks
	ids_at_once $(cat "$restore_dir/names") >"$restore_dir/image-names" && return
	# If an image is missing, ask one by one: its name is kept as "none".
	while IFS= read -r name; do
		# A name of which nothing is known is not kept: an undo would take it away from the image that has it.
		id=$(image_named "$name") || {
			echo "unknown which image is $name" >&2
			continue
		}
		printf '%s %s\n' "$id" "$name"
	done <"$restore_dir/names" >"$restore_dir/image-names"
}

# name_written_folders: notes the deployment's folders that containers write to. Their data is in the restore point only if the runbook says
# so.
name_written_folders() {
	inspect_kept --format '{{$service := index .Config.Labels "com.docker.compose.service"}}{{range .Mounts}}{{if and (eq .Type "bind") .RW}}{{$service}} {{.Source}}{{println}}{{end}}{{end}}' 2>/dev/null | sort -u | while read -r service source; do
		case $source in
			"$directory") path=. ;;
			"$directory"/*) path=${source#"$directory"/} ;;
			*) continue ;;
		esac
		[ -d "$source" ] || continue
		printf '%s\n' "${keep_paths:-}" | sed 's|^\./||; s|/*$||' | grep -qxF -e "$path" && continue
		miss "./$path, which $service writes to"
	done
}
