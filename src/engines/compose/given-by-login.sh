# shellcheck shell=sh
# Finds what the Compose files take from the login that calls Compose: variables that no env file sets, mostly with a default
# (`${TAG:-latest}`, for a pipeline that calls TAG=1.7 docker compose up -d), its home, and the folder in which it was. Another login makes other containers of the same files.
#
# Needs deployment.sh and found-files.sh. Reads scratch.

# in_tree TOP TREE PATH: prints where a file is read: below TREE, if it is below TOP, and both are given.
in_tree() {
	if [ -n "$1" ]; then
		case $3/ in "$1"/*) set -- "$1" "$2" "$2${3#"$1"}" ;; esac
	fi
	printf '%s\n' "$3"
}

# each_in_tree TOP TREE LIST: does it for each line.
each_in_tree() {
	printf '%s\n' "$3" | while IFS= read -r one; do [ -z "$one" ] || in_tree "$1" "$2" "$one"; done
}

# source_files TOP TREE: prints the Compose files, the ones that these include or extend, and their env files, which may use variables as well.
source_files() {
	at=$(in_tree "$1" "$2" "${compose_directory:-$directory}")
	if [ -n "${compose_files:-}" ] && [ "${compose_finds_files:-}" != 1 ]; then
		each_in_tree "$1" "$2" "$compose_files"
	else
		found_files "$at" | while IFS= read -r one; do case $one in /*) printf '%s\n' "$one" ;; *) printf '%s\n' "$at/$one" ;; esac done
	fi >"$scratch/sources"
	env_files_in_use "$1" "$2" >>"$scratch/sources"
	for _ in 1 2 3; do
		{
			cat "$scratch/sources"
			while IFS= read -r one; do
				grep -oE "[^][{}\"',:=[:space:]]*(\.ya?ml|\.env[^][{}\"',:=[:space:]]*)" "$one" 2>/dev/null | while IFS= read -r named; do
					case $named in /*) ;; *) named=${one%/*}/$named ;; esac
					[ ! -f "$named" ] || printf '%s\n' "$named"
				done
			done <"$scratch/sources"
		} | sort -u >"$scratch/sources.more"
		mv -f -- "$scratch/sources.more" "$scratch/sources"
	done
	cat "$scratch/sources"
}

# env_files_in_use TOP TREE: prints the files whose variables Compose puts into the others.
env_files_in_use() {
	each_in_tree "$1" "$2" "${compose_env_files:-}"
	[ -n "${compose_env_files:-}" ] || in_tree "$1" "$2" "${compose_directory:-$directory}/.env"
}

# set_variables TOP TREE: prints the names that env files set, of the files in $scratch/sources.
set_variables() {
	{
		env_files_in_use "$1" "$2"
		# What is included has an .env of its own.
		sed 's|/[^/]*$|/.env|' "$scratch/sources"
	} | sort -u | while IFS= read -r file; do
		[ ! -r "$file" ] || sed -n 's/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}\([A-Za-z_][A-Za-z0-9_]*\)[[:space:]]*[=:].*/\2/p' "$file"
	done
}

# taken_variables TOP TREE: prints those variables, and for each a value of its own that it cannot have had: NAME=VALUE. A path where its
# default is one.
taken_variables() {
	source_files "$1" "$2" >/dev/null
	set_variables "$1" "$2" >"$scratch/set"
	while IFS= read -r one; do cat -- "$one" && echo; done <"$scratch/sources" 2>/dev/null | awk -v set="$scratch/set" '
		BEGIN { while ((getline line < set) > 0) known[line] = 1 }
		function say(name, form) { if (!(name in known)) { known[name] = 1; print name "=" (form ~ /61417$/ ? substr(form, 1, length(form) - 5) 61417 + n++ % 4000 : form) } }
		/^[ \t]*#/ { next }
		{
			gsub(/\$\$/, "")
			if ($0 ~ /(^|[^A-Za-z0-9_.\/])~\//) say("HOME", "/61417")
			# The text of a config or secret.
			if (match($0, /environment:[ \t]*["\047]?[A-Z_][A-Za-z0-9_]*["\047]?[ \t]*(}|$)/)) {
				name = substr($0, RSTART, RLENGTH)
				gsub(/environment:|[^A-Za-z0-9_]/, "", name)
				if (!(name in ENVIRON)) say(name, "61417")
			}
			rest = $0
			while (match(rest, /\$\{?[A-Z_][A-Za-z0-9_]*/)) {
				name = substr(rest, RSTART, RLENGTH)
				rest = substr(rest, RSTART + RLENGTH)
				sub(/^\$\{?/, "", name)
				text = ""
				if (match(rest, /^:?-[^}]*/)) { text = substr(rest, RSTART, RLENGTH); sub(/^:?-/, "", text) }
				if (name ~ /^(PATH|IFS|COMPOSE_.*|DOCKER_.*|LD_.*)$/) continue
				say(name, name ~ /^(HOME|PWD)$/ || text ~ /^[\/.~]/ ? "/61417" : text == "true" ? "false" : text == "false" ? "true" : "61417")
			}
		}'
}

# with_marks TOP TREE LIST NAME: makes the model that Compose would make if these variables had those values. Fails where one is not valid.
# A program of Docker may be in the home that is left.
with_marks() (
	DOCKER_CONFIG=${DOCKER_CONFIG:-$HOME/.docker}
	export DOCKER_CONFIG
	compose_marks=$3 compose_in "$1" "$2" config --format json >"$scratch/$4" 2>/dev/null </dev/null
)

# given_model TOP TREE NAME: prints the sections NAME.given, the model with such values, and NAME.taken, those values.
given_model() {
	taken=$(taken_variables "$1" "$2")
	[ -n "$taken" ] || return 0
	with_marks "$1" "$2" "$taken" "$3.given" || {
		# One at a time: some values are not valid everywhere.
		taken=$(printf '%s\n' "$taken" | head -n 30 | while IFS= read -r one; do ! with_marks "$1" "$2" "$one" "$3.given" || printf '%s\n' "$one"; done)
		[ -n "$taken" ] && with_marks "$1" "$2" "$taken" "$3.given" || return 0
	}
	section "$3.given" "$scratch/$3.given"
	printf '%s\n' "$taken" >"$scratch/$3.taken"
	section "$3.taken" "$scratch/$3.taken"
}
