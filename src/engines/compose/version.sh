# shellcheck shell=sh disable=SC2154 # the environment of deployment.sh, and $service
# The version of a service that is not built here: the tag of its image, kept in an env file (TAG=1.2.0) or in the Compose
# file itself. Another version is chosen by changing it there; no image is ever given the name of another version.
#
# Needs deployment.sh. The functions that look change nothing.

# repository_of NAME, tag_of NAME: print the parts of `registry:5000/shop/web:1.2.0`.
repository_of() {
	name=${1%@*}
	case ${name##*/} in *:*) printf '%s\n' "${name%:*}" ;; *) printf '%s\n' "$name" ;; esac
}
tag_of() {
	name=${1%@*}
	case ${name##*/} in *:*) printf '%s\n' "${name##*:}" ;; *) echo latest ;; esac
}

# is_version NAME: succeeds if its tag is a version, and not one that moves from image to image. Needs moving-tags.sh.
is_version() {
	case ${1##*/} in
		*@*) return 1 ;;
		*:*) ! is_moving_tag "${1##*:}" ;;
		*) return 1 ;;
	esac
}

# version_of_service: prints the image name of $service if it is a version and not built here; else fails.
version_of_service() {
	named=$(service_image 2>/dev/null)
	# Compose cannot say it, but the container can.
	[ -n "$named" ] && [ "$named" != "$(default_image "$service" "$(image_names)")" ] ||
		named=$(engine inspect --format '{{.Config.Image}}' "$(containers_of -a "$service" | head -n 1)" 2>/dev/null)
	is_version "$named" && ! is_built_here && printf '%s\n' "$named"
}

# versions_here NAME: prints the local images of the same repository, newest first: ID, TAG, digest, time of creation, runs of backout that
# kept it (so that it ran before them).
versions_here() {
	engine image ls --format '{{.Tag}}' -- "$(repository_of "$1")" | grep -vxF '<none>' | while IFS= read -r one; do
		engine image inspect --format "{{.Created}}|{{.Id}}|$one|{{range .RepoDigests}}{{.}} {{end}}|{{range .RepoTags}}{{.}} {{end}}" -- "$(repository_of "$1"):$one" 2>/dev/null
	done | sort -r
}

# version_files: prints the files in the deployment's folder that may keep a version: KIND TAB PATH, env files first.
version_files() {
	{
		if [ -n "${compose_env_files:-}" ]; then
			printf '%s\n' "$compose_env_files"
		elif [ -z "${compose_command:-}" ]; then
			printf '%s\n' "${compose_directory:-$directory}/.env"
		fi | sed 's/^/env	/'
		if [ -n "${compose_files:-}" ]; then
			printf '%s\n' "$compose_files"
		else
			for one in compose.yaml compose.yml docker-compose.yaml docker-compose.yml compose.override.yaml compose.override.yml docker-compose.override.yaml docker-compose.override.yml; do
				printf '%s\n' "${compose_directory:-$directory}/$one"
			done
		fi | sed 's/^/compose	/'
	} | while IFS='	' read -r kind path; do
		case $path in "${compose_directory:-$directory}"/*) [ ! -f "$path" ] || printf '%s\t%s\n' "$kind" "$path" ;; esac
	done
}

# version_lines KIND FILE OLD NEW: prints where FILE may keep the version: a group of lines for each possibility, a blank line after each. A
# line: NUMBER TAB COLUMN TAB old text TAB new text.
version_lines() {
	LC_ALL=C awk -v kind="$1" -v old="$3" -v new="$4" '
		function tag(name) { sub(/@.*/, "", name); sub(/.*:/, "", name); return name }
		function place(number, column, from, to) { printf "%d\t%d\t%s\t%s\n", number, column, from, to }
		# Returns the part of the tag that the file has, without the rest: TAG=1.2.0 for web:v1.2.0-alpine.
		function part(value,   at, before, after, len) {
			at = index(tag(old), value)
			if (value == "" || !at) return ""
			before = substr(tag(old), 1, at - 1); after = substr(tag(old), at + length(value)); len = length(tag(new))
			if (len <= length(before) + length(after) || substr(tag(new), 1, length(before)) != before) return ""
			if (substr(tag(new), len - length(after) + 1) != after) return ""
			return substr(tag(new), length(before) + 1, len - length(before) - length(after))
		}
		/^[ \t]*#/ { next }
		kind == "env" {
			if (!match($0, /^[ \t]*(export[ \t]+)?[A-Za-z_][A-Za-z0-9_.]*[ \t]*=[ \t]*/)) next
			column = RLENGTH + 1; value = substr($0, column)
			if (match(value, /^["\047]/)) { quote = substr(value, 1, 1); value = substr(value, 2); column++; sub(quote ".*", "", value) }
			else sub(/[ \t]+#.*|[ \t\r]+$/, "", value)
			if (value == old) { place(NR, column, old, new); print "" }
			else if ((to = part(value)) != "") { place(NR, column, value, to); print "" }
			next
		}
		# The same name on several lines is one version: they change together.
		{
			at = index($0, old); end = substr($0, at + length(old), 1); start = at > 1 ? substr($0, at - 1, 1) : " "
			if (at && end !~ /[A-Za-z0-9_.@\/-]/ && start !~ /[A-Za-z0-9_.\/-]/) { whole[++wholes] = NR "\t" at "\t" old "\t" new }
			# ${TAG:-1.2.0}
			mark = "-" tag(old) "}"; at = index($0, mark)
			if (at) defaults[++many] = NR "\t" at + 1 "\t" tag(old) "\t" tag(new)
		}
		END {
			for (n = 1; n <= wholes; n++) print whole[n]
			if (wholes) print ""
			for (n = 1; n <= many; n++) print defaults[n]
			if (many) print ""
		}' "$2"
}

# with_version FILE: prints it with $version_lines applied; fails if a line has changed.
with_version() {
	printf '%s\n' "$version_lines" | LC_ALL=C awk -F '\t' '
		NR == FNR { if ($1 != "") { column[$1] = $2; from[$1] = $3; to[$1] = $4; wanted++ } next }
		FNR in column {
			if (substr($0, column[FNR], length(from[FNR])) != from[FNR]) exit 1
			$0 = substr($0, 1, column[FNR] - 1) to[FNR] substr($0, column[FNR] + length(from[FNR])); done++
		}
		{ print }
		END { if (done != wanted) exit 1 }' - "$1"
}

# find_version NAME TREE: finds where the version of $service is kept, by trying: TREE is left as the folder would be, and version_file and
# version_lines say what changes. Fails if no change makes Compose start that image. Needs tree_with_file (facts.sh) and $scratch.
find_version() {
	old=$(service_image) || return
	version_top=${compose_directory:-$directory}
	version_files >"$scratch/version.files"
	while IFS='	' read -r kind path; do
		version_lines "$kind" "$path" "$old" "$1" >"$scratch/version.places"
		version_lines=
		while IFS= read -r line; do
			if [ -n "$line" ]; then
				version_lines="$version_lines${version_lines:+
}$line"
				continue
			fi
			rm -rf -- "$2"
			# shellcheck disable=SC2034 # tree_with_file reads it
			becomes_path=${path#"$version_top"/}
			if with_version "$path" >"$scratch/version.content" && tree_with_file "$2" &&
				[ "$(compose_in "$version_top" "$2" config 2>/dev/null </dev/null | of_service image)" = "$1" ]; then
				version_file=$path
				return 0
			fi
			version_lines=
		done <"$scratch/version.places"
	done <"$scratch/version.files"
	echo "the version of $service, $old, is neither in an env file nor in a Compose file of $version_top" >&2
	return 1
}

# put_version NAME: changes it where it is kept, once the image is here. Reads the plan's results: version_file, version_lines. Undo
# restores the file, which the restore point has.
put_version() {
	keep_names
	# In a subshell, as it goes through the services in variables of its own.
	(have_other_images) || return
	# Nothing but the container says which version it is.
	[ "${folderless:-}" != 1 ] || return 0
	part=$version_file.backout-part
	(umask 077 && with_version "$version_file" >"$part") || {
		rm -f -- "$part"
		echo "$version_file has changed meanwhile: nothing was changed"
		return 1
	}
	chmod -- "$(stat -L -c %a -- "$version_file")" "$part"
	[ "$(id -u)" != 0 ] || chown -- "$(stat -L -c %u:%g -- "$version_file")" "$part"
	cat -- "$version_file" >"$run_dir/version-before" || return
	# Follow a link, so that it stays one.
	mv -f -- "$part" "$(readlink -f -- "$version_file")" || return
	printf '%s\n' "$version_lines" | while IFS='	' read -r number _ from to; do
		[ -z "$number" ] || echo "$version_file, line $number: $from becomes $to"
	done
	[ "$(service_image)" != "$1" ] || return 0
	echo "Compose would not start $1 with this"
	put_version_back
	return 1
}

put_version_back() {
	[ -f "$run_dir/version-before" ] || return 0
	cat -- "$run_dir/version-before" >"$version_file" && rm -f -- "$run_dir/version-before" && echo "$version_file is as it was"
}
