# shellcheck shell=sh
# Prints everything that the comparison of a plan needs, in one go: the current containers, Compose's model of the current files,
# and of the files as they will be. Changes only files of its own.
#
# Reads deployment.sh's variables and
#   becomes         the future files: `commit` (those of $becomes_commit), `file` (one replaces another:
#                   config-source.sh), `version` (the name of an image, $becomes_name, is put where its version is kept: version.sh), or
#                   `same`
#   becomes_image   an image that a name will stand for; may be empty
# Prints sections: a line NAME BYTES, then that many bytes and a line end.

section() {
	printf '%s %s\n' "$1" "$(stat -c %s -- "$2")"
	cat -- "$2"
	echo
}

said_by_compose() { sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' "$1" | grep -v 'is not set\.' | tail -n 1; }

# model TOP TREE NAME: prints the model as JSON, its services' hashes, its images and Compose's warnings.
model() {
	if compose_in "$1" "$2" config --format json >"$scratch/$3" 2>"$scratch/$3.said" </dev/null; then
		grep -o 'The \\"[A-Za-z_0-9]*\\" variable is not set' "$scratch/$3.said" | cut -d '"' -f 2 | tr -d '\\' | sort -u >"$scratch/$3.unset"
		compose_in "$1" "$2" config --images 2>/dev/null </dev/null | sort -u >>"$scratch/names"
		section "$3" "$scratch/$3"
		section "$3.unset" "$scratch/$3.unset"
	else
		# By the place where the file is to be, not by that of its copy.
		said_by_compose "$scratch/$3.said" | if [ -n "$2" ]; then sed "s|$2/|$1/|g"; else cat; fi >"$scratch/$3.unreadable"
		section "$3.unreadable" "$scratch/$3.unreadable"
	fi
}

print_facts() {
	scratch=$(mktemp -d) || exit 1
	trap 'rm -rf -- "$scratch"' EXIT
	trap 'exit 143' HUP INT TERM
	if [ "$(id -u)" = 0 ]; then chmod 711 "$scratch"; fi
	# shellcheck disable=SC2034 # read by ground.sh
	ground_scratch=$scratch/ground.model
	ground >"$scratch/ground"
	section ground "$scratch/ground"
	containers_of -a >"$scratch/ids" || {
		echo 'Docker does not answer' >&2
		exit 1
	}
	# shellcheck disable=SC2046 # ids have no blanks
	if [ -s "$scratch/ids" ]; then engine inspect $(cat "$scratch/ids") >"$scratch/containers" || exit 1; else echo '[]' >"$scratch/containers"; fi
	section containers "$scratch/containers"
	model '' '' now
	compose config --hash '*' 2>/dev/null </dev/null | while read -r service hash; do
		would_recreate "$service" "$hash" || echo "$service"
	done >"$scratch/fits"
	section fits "$scratch/fits"
	case $becomes in
		commit)
			if tree_of "$becomes_commit" "$scratch/tree" light >"$scratch/brought" 2>"$scratch/why"; then
				printf '%s\n%s\n' "$tree_top" "$scratch/tree" >"$scratch/moved"
				section moved "$scratch/moved"
				model "$tree_top" "$scratch/tree" 'then'
				git -C "$tree_top" -c core.quotePath=false diff --name-only --no-renames HEAD "$becomes_commit" -- >"$scratch/files"
				section files "$scratch/files"
			else
				tail -n 1 "$scratch/why" >"$scratch/then.unreadable"
				section then.unreadable "$scratch/then.unreadable"
			fi
			;;
		file)
			becomes_path=$(config_target) || exit 1
			if tree_with_file "$scratch/tree" 2>"$scratch/why"; then
				printf '%s\n%s\n' "$tree_top" "$scratch/tree" >"$scratch/moved"
				section moved "$scratch/moved"
				model "$tree_top" "$scratch/tree" 'then'
				printf '%s\n' "$becomes_path" >"$scratch/files"
				section files "$scratch/files"
			else
				tail -n 1 "$scratch/why" >"$scratch/then.unreadable"
				section then.unreadable "$scratch/then.unreadable"
			fi
			;;
		version)
			# shellcheck disable=SC2317 # tree_with_file calls it
			config_source() { cat -- "$scratch/version.content"; }
			if find_version "$becomes_name" "$scratch/tree" 2>"$scratch/why"; then
				printf '%s\n%s\n' "$version_top" "$scratch/tree" >"$scratch/moved"
				section moved "$scratch/moved"
				model "$version_top" "$scratch/tree" 'then'
				printf '%s\n%s\n' "$version_file" "$version_lines" >"$scratch/version"
				section version "$scratch/version"
			else
				tail -n 1 "$scratch/why" >"$scratch/then.unreadable"
				section then.unreadable "$scratch/then.unreadable"
			fi
			;;
	esac
	sed -n 's/.*"Image": "\(sha256:[0-9a-f]*\)".*/\1/p' "$scratch/containers" >>"$scratch/names"
	[ -z "${becomes_image:-}" ] || printf '%s\n' "$becomes_image" >>"$scratch/names"
	sort -u "$scratch/names" >"$scratch/all"
	# shellcheck disable=SC2046 # names of images have no blanks
	engine image inspect $(cat "$scratch/all") >"$scratch/images" 2>/dev/null
	section images "$scratch/images"
}

# tree_with_file TREE: the deployment's folder as links, in which only the one file is another.
tree_with_file() {
	tree_top=${compose_directory:-$directory} tree_at=$1
	mkdir -p -- "$tree_at" || return
	at='' rest_of=$becomes_path
	while :; do
		first=${rest_of%%/*}
		for entry in "$tree_top/$at"* "$tree_top/$at".[!.]* "$tree_top/$at"..?*; do
			[ -e "$entry" ] && [ "${entry##*/}" != "$first" ] || continue
			ln -s -- "$entry" "$tree_at/$at${entry##*/}" || return
		done
		case $rest_of in */*) ;; *) break ;; esac
		at=$at$first/ rest_of=${rest_of#*/}
		mkdir -- "$tree_at/$at" || return
	done
	(umask 077 && config_source >"$tree_at/$becomes_path")
}
