# shellcheck shell=sh
# keep_images keeps what runs: what Docker says of every container, the image of each, the names of the images, and
# whether Compose would make the containers as they are. An image is pinned twice: by a tag, backout/SERVICE:RUN, and by a
# container that is never started, for `docker image prune -a` takes images that only have a name.
# Needs deployment.sh, container-facts.sh and keep-path.sh. Reads: project, restore_dir, run_id, directory, keep_paths.
# shellcheck disable=SC2016 # Go templates have variables of their own

keep_images() {
	command -v docker >/dev/null || { miss 'images and containers: docker is not installed'; return; }
	if ! engine ps -a -q --no-trunc --filter "label=com.docker.compose.project=$project" >"$restore_dir/containers" 2>"$restore_dir/docker.err"; then
		miss "images and containers: $(head -n 1 "$restore_dir/docker.err")"
		return
	fi
	rm -f "$restore_dir/docker.err"
	[ -s "$restore_dir/containers" ] || { echo "no containers of project $project"; return; }
	engine ps -a --no-trunc --filter "label=com.docker.compose.project=$project" >"$restore_dir/containers.txt"
	inspect_kept >"$restore_dir/containers.json" || miss 'the state of some containers'
	facts_of_containers >"$restore_dir/container-facts" || miss 'what the containers were made with: an undo cannot prove that they are as they were'
	inspect_kept --format '{{.Image}} {{index .Config.Labels "com.docker.compose.service"}}' 2>/dev/null | sort -u >"$restore_dir/images"
	while read -r image service; do
		pin "$image" "$service" fact
	done <"$restore_dir/images"
	keep_image_names
	# As Compose calls the hash of a service's configuration: where a container carries another, it was made otherwise.
	compose config --hash '*' >"$restore_dir/compose-hashes" 2>/dev/null </dev/null || : >"$restore_dir/compose-hashes"
	keep "the state of $(wc -l <"$restore_dir/containers") containers"
	name_written_folders
}

# inspect_kept [--format FORMAT]: docker inspect of all containers at once. Of one that has gone since it says nothing, and
# that does not hide the others.
# shellcheck disable=SC2046 # ids have no blanks
inspect_kept() { engine inspect "$@" $(cat "$restore_dir/containers"); }

# pin IMAGE NAME [fact]
pin() {
	# A repository's name is lower case, and its separators stand between letters and digits.
	# shellcheck disable=SC2018,SC2019 # ASCII is meant
	name=$(printf '%s' "$2" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-' | sed 's/^-*//; s/-*$//')
	name=${name:-service}
	number=$run_id other=2
	while pinned=$(engine image inspect --format '{{.Id}}' "backout/$name:$number" 2>/dev/null) && [ "$pinned" != "$1" ] && [ "$other" -le 99 ]; do
		number=$run_id-$other
		other=$((other + 1))
	done
	[ "$pinned" != "$1" ] || return 0
	[ -z "${3:-}" ] || fact "image.$2${number#"$run_id"}" "$1"
	if ! engine tag "$1" "backout/$name:$number"; then
		miss "the image of $2: $1"
	elif holder "$1" "backout-$number-$name"; then
		keep "image of $2, as backout/$name:$number"
	else
		keep "image of $2, as backout/$name:$number; by its name only, so \`docker image prune -a\` would take it"
	fi
}

# holder IMAGE NAME: a container that uses the image and never runs. Its labels are not Compose's, though the image may have
# those, and no volume is made for it.
holder() {
	set -- "$1" --name "$2" --label "backout.run=$run_id"
	for said in $(engine image inspect --format '{{range $path, $no := .Config.Volumes}}volume={{println $path}}{{end}}{{range $label, $no := .Config.Labels}}label={{println $label}}{{end}}' "$1" 2>/dev/null); do
		case $said in
			volume=*) set -- "$@" --tmpfs "${said#*=}" ;;
			label=com.docker.compose.*) set -- "$@" --label "${said#*=}=" ;;
		esac
	done
	image=$1
	shift
	engine create --network none "$@" "$image" true >/dev/null 2>&1
}

# A line each: ID NAME, or "none NAME" for a name that Compose uses and that no image has.
keep_image_names() {
	{
		compose config --images 2>/dev/null </dev/null
		inspect_kept --format '{{.Config.Image}}'
		# shellcheck disable=SC2046 # ids have no blanks
		engine image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' $(cut -d ' ' -f 1 "$restore_dir/images" | sort -u)
	} 2>/dev/null | grep -v '^$\|^backout/\|@\|^sha256:\|^[0-9a-f]\{12,64\}$' | sort -u | while IFS= read -r name; do
		# A name of which nothing is known is not kept: undo would take it away from the image that has it.
		id=$(image_named "$name") || { echo "not known which image is $name" >&2; continue; }
		printf '%s %s\n' "$id" "$name"
	done >"$restore_dir/image-names"
	# An image that has a name and no container: built, and not started yet.
	while read -r id name; do
		[ "$id" = none ] || grep -q "\"Image\": \"$id\"" "$restore_dir/containers.json" || pin "$id" "$name"
	done <"$restore_dir/image-names"
}

# Folders of the deployment that containers write to: their data is no part of a restore point unless the runbook says so.
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
