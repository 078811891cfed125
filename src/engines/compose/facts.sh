# shellcheck shell=sh
# Prints everything that the comparison of a plan needs, in one go: the current containers, Compose's model of the current files,
# and of the files as they will be. Changes only files of its own.
#
# Reads deployment.sh's variables and
#   becomes         the future files: `commit` (those of $becomes_commit), `file` (one replaces another:
#                   config-source.sh), `version` (the name of an image, $becomes_name, is put where its version is kept: version.sh), or
#                   `same`
#   becomes_image   an image that a name will stand for; may be empty
# Needs mounts-on-host.sh and given-by-login.sh. Prints sections: a line NAME BYTES, then that many bytes and a line end.

section() {
	printf '%s %s\n' "$1" "$(stat -c %s -- "$2")"
	cat -- "$2"
	echo
}

said_by_compose() { sed -e 's/quoted value .*/quoted value/' -e 's/ near .*//' "$1" | grep -v 'is not set\.' | tail -n 1; }

# model TOP TREE NAME: prints the model as JSON, its services' hashes, its images and Compose's warnings; and NAME.marked, what the model would
# be if each variable that nothing sets were 61417, or where that is not valid, /61417: where the two differ, such a variable is used.
model() {
	if compose_in "$1" "$2" config --format json >"$scratch/$3" 2>"$scratch/$3.said" </dev/null; then
		grep -o 'The \\"[A-Za-z_0-9]*\\" variable is not set' "$scratch/$3.said" | cut -d '"' -f 2 | tr -d '\\' | sort -u >"$scratch/$3.unset"
		image_names "$1" "$2" | sort -u >"$scratch/$3.images"
		cat -- "$scratch/$3.images" >>"$scratch/names"
		section "$3" "$scratch/$3"
		section "$3.images" "$scratch/$3.images"
		section "$3.unset" "$scratch/$3.unset"
		# Only the files as they will be matter.
		[ "$3" = 'then' ] || [ "$becomes" = same ] || return 0
		[ ! -s "$scratch/$3.unset" ] || for mark in 61417 /61417; do
			with_marks "$1" "$2" "$(sed "s|\$|=$mark|" "$scratch/$3.unset")" "$3.marked" || continue
			section "$3.marked" "$scratch/$3.marked"
			break
		done
		given_model "$1" "$2" "$3"
	else
		# By the place where the file is to be, not by that of its copy.
		said_by_compose "$scratch/$3.said" | if [ -n "$2" ]; then sed "s|$root/|/|g"; else cat; fi >"$scratch/$3.unreadable"
		section "$3.unreadable" "$scratch/$3.unreadable"
	fi
}

# own_name TOP TREE: prints Compose's own name for the project: the first line of the model where no -p is given.
own_name() { compose_unnamed=1 compose_in "$1" "$2" config 2>/dev/null </dev/null | sed -n '1s/^name: //p'; }

# name_by_folder FOLDER: prints the name that Compose gives a project after its folder (compose-go, loader: NormalizeProjectName).
name_by_folder() { printf '%s' "${1##*/}" | tr 'A-Z' 'a-z' | tr -cd 'a-z0-9_-' | sed 's/^[_-]*//'; }

# other_name: prints the name that the project would have by itself, if it has its name by itself now and the two differ: the
# deployment's own `up -d` would then make a second project. Compose is asked only where its files name the project.
other_name() (
	folder=${compose_directory:-$directory}
	case $folder in "$tree_top" | "$tree_top"/*) there=$tree${folder#"$tree_top"} ;; *) exit 0 ;; esac
	named() {
		cd -- "$1" 2>/dev/null || exit 0
		from_dot_env COMPOSE_PROJECT_NAME
		{
			found_files .
			[ "${compose_finds_files:-}" = 1 ] || printf '%s\n' "${compose_files:-}" | while IFS= read -r one; do
				case $one in "$tree_top"/*) printf '%s\n' "$2${one#"$tree_top"}" ;; esac
			done
		} | while IFS= read -r one; do sed -n 's/^name:[[:space:]]*//p' "$one" 2>/dev/null; done
	}
	[ "$(named "$folder" "$tree_top")" != "$(named "$there" "$tree")" ] || exit 0
	[ "$(own_name '' '')" = "$project" ] || exit 0
	then=$(own_name "$tree_top" "$tree")
	# Without a name in its files it has that of the folder, which is another one for the copy.
	[ "$then" != "$(name_by_folder "$there")" ] || then=$(name_by_folder "$folder")
	[ -z "$then" ] || [ "$then" = "$project" ] || printf '%s\n' "$then"
)

# other_files: prints the Compose files that Compose would find, if these are others than now.
other_files() (
	[ "${compose_finds_files:-}" = 1 ] || exit 0
	folder=${compose_directory:-$directory}
	case $folder in "$tree_top" | "$tree_top"/*) ;; *) exit 0 ;; esac
	then=$(found_files "$tree${folder#"$tree_top"}")
	[ "$then" = "$(found_files "$folder")" ] || printf '%s\n' "$then"
)

# linked: prints the mounted paths of the new model that lead through symbolic links, and what they lead to: PATH TAB PATH. Both are
# where they will be, and not in the tree.
linked() (
	real=$(readlink -f -- "$root") || exit 0
	home() { case $1 in "$root"/*) printf '%s' "${1#"$root"}" ;; "$real"/*) printf '%s' "${1#"$real"}" ;; *) printf '%s' "$1" ;; esac }
	sed -n -e 's|^ *"source": "\(/[^"\\]*\)",*$|\1|p' -e 's|^ *"file": "\(/[^"\\]*\)",*$|\1|p' -e 's|^ *"device": "\(/[^"\\]*\)",*$|\1|p' "$scratch/then" | sort -u |
		while IFS= read -r path; do
			leads=$(readlink -f -- "$path") && [ "$(home "$leads")" != "$(home "$path")" ] || continue
			printf '%s\t%s\n' "$(home "$path")" "$(home "$leads")"
		done
)

# linked_sources: prints the mounted paths of the containers that lead through symbolic links now, and what they lead to: PATH TAB PATH.
linked_sources() {
	sed -n 's|^ *"Source": "\(/[^"\\]*\)",*$|\1|p' "$scratch/containers" | sort -u | while IFS= read -r path; do
		leads=$(readlink -f -- "$path") && [ "$leads" != "$path" ] || continue
		printf '%s\t%s\n' "$path" "$leads"
	done
}

# place_tree TOP: makes a place for the files as they will be: `tree` is TOP there, and `root` what its path begins with.
place_tree() {
	# shellcheck disable=SC2034 # tree_of reads it
	tree_side=$passage/side
	root=$passage/root tree=$passage/root$1
	rm -rf -- "$root"
	around "$root" "$1" || return
	printf '%s\n%s\n' "$1" "$root" >"$scratch/moved"
}

# no_file_there: succeeds if Compose finds a file in the deployment's folder now, and none in the copy of it: it would take one of a folder
# above, and that folder's project.
no_file_there() {
	folder=${compose_directory:-$directory}
	case $folder in "$tree_top" | "$tree_top"/*) there=$tree${folder#"$tree_top"} ;; *) return 1 ;; esac
	[ "${compose_finds_files:-}" = 1 ] && [ -n "$(found_files "$folder")" ] && [ -z "$(found_files "$there")" ] &&
		[ -z "$(cd -- "$there" 2>/dev/null && from_dot_env COMPOSE_FILE)" ] || return 1
	echo "there is no Compose file in $folder then: it was in another folder, from which Compose makes another project, with other volumes and folders"
}

# becomes_model: prints Compose's model of the files in the tree, and what Compose would find there by itself.
becomes_model() {
	if no_file_there >"$scratch/then.unreadable"; then
		section then.unreadable "$scratch/then.unreadable"
		return
	fi
	model "$tree_top" "$tree" 'then'
	linked >"$scratch/links"
	section links "$scratch/links"
	other_name >"$scratch/name"
	section name "$scratch/name"
	other_files >"$scratch/other"
	section other "$scratch/other"
}

# let_git_pass FOLDER: lets the user who runs git for root here reach the tree in a folder, and nobody else.
let_git_pass() {
	if [ "$(id -u)" = 0 ] && group=$(id -g -- "$(stat -L -c %U -- "$directory")" 2>/dev/null); then
		chgrp -- "$group" "$1" && chmod 710 -- "$1"
	fi
}

print_facts() {
	passage=$(mktemp -d) || exit 1
	trap 'rm -rf -- "$passage"' EXIT
	trap 'exit 143' HUP INT PIPE TERM
	# What containers and Compose say has passwords in it, and is for nobody else to read.
	scratch=$passage/own && (umask 077 && mkdir -- "$scratch") || exit 1
	let_git_pass "$passage"
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
	linked_sources >"$scratch/real"
	section real "$scratch/real"
	model '' '' now
	compose config --hash '*' 2>/dev/null </dev/null | while read -r service hash; do
		would_recreate "$service" "$hash" || echo "$service"
	done >"$scratch/fits"
	section fits "$scratch/fits"
	# shellcheck disable=SC2046 # ids have no blanks
	replaced_mounts "${compose_directory:-$directory}" $(cat "$scratch/ids") >"$scratch/replaced"
	section replaced "$scratch/replaced"
	[ "$becomes" = same ] || {
		compose version --short >"$scratch/release" 2>/dev/null </dev/null
		section release "$scratch/release"
	}
	case $becomes in
		commit)
			if tree_top=$(git rev-parse --show-toplevel 2>"$scratch/why") && place_tree "$tree_top" 2>"$scratch/why" &&
				tree_of "$becomes_commit" "$tree" light >"$scratch/brought" 2>"$scratch/why"; then
				section moved "$scratch/moved"
				becomes_model
				git -C "$tree_top" -c core.quotePath=false diff --name-only --no-renames --ignore-submodules=dirty HEAD "$becomes_commit" -- >"$scratch/files"
				section files "$scratch/files"
			else
				tail -n 1 "$scratch/why" >"$scratch/then.unreadable"
				section then.unreadable "$scratch/then.unreadable"
			fi
			;;
		file)
			becomes_path=$(config_target) || exit 1
			if place_tree "${compose_directory:-$directory}" 2>"$scratch/why" && tree_with_file "$tree" 2>"$scratch/why"; then
				section moved "$scratch/moved"
				becomes_model
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
			if place_tree "${compose_directory:-$directory}" 2>"$scratch/why" && find_version "$becomes_name" "$tree" 2>"$scratch/why"; then
				section moved "$scratch/moved"
				model "$version_top" "$tree" 'then'
				printf '%s\n%s\n' "$version_file" "$version_lines" >"$scratch/version"
				section version "$scratch/version"
			else
				tail -n 1 "$scratch/why" >"$scratch/then.unreadable"
				section then.unreadable "$scratch/then.unreadable"
			fi
			;;
	esac
	if [ "$becomes" = same ]; then absent_mounts "$scratch/now"; else absent_mounts "$scratch/then" "$root"; fi >"$scratch/absent" 2>/dev/null
	section absent "$scratch/absent"
	! grep -qs '"external": *true' "$scratch/now" "$scratch/then" || ! {
		engine network ls --format 'network {{.Name}}' && engine volume ls --format 'volume {{.Name}}'
	} >"$scratch/resources" || section resources "$scratch/resources"
	sed -n 's/.*"Image": "\(sha256:[0-9a-f]*\)".*/\1/p' "$scratch/containers" >>"$scratch/names"
	[ -z "${becomes_image:-}" ] || printf '%s\n' "$becomes_image" >>"$scratch/names"
	sort -u "$scratch/names" >"$scratch/all"
	# shellcheck disable=SC2046 # names of images have no blanks
	engine image inspect $(cat "$scratch/all") >"$scratch/images" 2>/dev/null
	section images "$scratch/images"
	# With which build arguments the running images were built matters only if a variable of theirs may be missing now.
	[ ! -s "$scratch/then.unset" ] || {
		histories >"$scratch/histories"
		section histories "$scratch/histories"
	}
	{ beside && of_same_repository; } >"$scratch/beside"
	section beside "$scratch/beside"
}

# histories: prints the instructions that each running image was built by, a line each: ID TAB JSON.
histories() {
	sed -n 's/.*"Image": "\(sha256:[0-9a-f]*\)".*/\1/p' "$scratch/containers" | sort -u | while read -r image; do
		engine history --no-trunc --format '{{json .CreatedBy}}' "$image" </dev/null 2>/dev/null | sed "s/^/$image	/"
	done
}

# beside: prints what this plan does not touch, and what runs beside it: `once NAME SERVICE`, a container of docker compose run; `project
# NAME`, another project that was started from the same folder.
beside() {
	engine ps --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=True \
		--format 'once {{.Names}} {{.Label "com.docker.compose.service"}}'
	engine ps -a --filter "label=com.docker.compose.project.working_dir=${compose_directory:-$directory}" \
		--format '{{.Label "com.docker.compose.project"}}' | grep -vxF -e "$project" | sort -u | sed 's/^/project /'
}

# of_same_repository: prints other projects that are deployed from this repository and have files that change with the commit: `neighbour NAME
# PATH`, with one of the files; `mounted NAME PATH`, where one of its containers that run has it mounted. A tool that has mounted the
# folder of this deployment, too, is not counted.
of_same_repository() (
	[ "$becomes" = commit ] && [ -n "${tree_top:-}" ] || exit 0
	here=${compose_directory:-$directory}
	engine ps -a --filter label=com.docker.compose.project \
		--format '{{.Label "com.docker.compose.project"}}	{{.Label "com.docker.compose.project.working_dir"}}' | sort -u | while IFS='	' read -r name folder; do
		[ "$name" != "$project" ] && folder=$(readlink -f -- "$folder") && [ "$folder" != "$here" ] || continue
		case $folder in "$tree_top" | "$tree_top"/*) ;; *) continue ;; esac
		set -- "$folder"
		case $here in "$folder"/*) set -- "$folder" ":(exclude,top)${here#"$tree_top"/}" ;; esac
		changes=$(git -C "$tree_top" -c core.quotePath=false diff --name-only --no-renames --ignore-submodules=dirty HEAD "$becomes_commit" -- "$@")
		[ -n "$changes" ] || continue
		# shellcheck disable=SC2046 # ids have no blanks
		sources=$(engine inspect --format '{{range .Mounts}}{{if eq .Type "bind"}}{{println .Source}}{{end}}{{end}}' \
			$(engine ps -q --filter "label=com.docker.compose.project=$name") 2>/dev/null | sort -u)
		mounted=$(printf '%s\n' "$changes" | sources=$sources top=$tree_top here=$here awk '
			BEGIN { many = split(ENVIRON["sources"], source, "\n") }
			{
				for (i = 1; i <= many; i++)
					if (source[i] != "" && index(ENVIRON["here"] "/", source[i] "/") != 1 && index(ENVIRON["top"] "/" $0 "/", source[i] "/") == 1) {
						print
						exit
					}
			}')
		if [ -n "$mounted" ]; then echo "mounted $name $mounted"; else echo "neighbour $name $(printf '%s\n' "$changes" | head -n 1)"; fi
	done
)

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
