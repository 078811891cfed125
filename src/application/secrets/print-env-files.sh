# shellcheck shell=sh
# Prints the env files of the deployment, its Compose files, the env files that these name, and the files of Compose's secrets, each as lines
# of an env file, with a record separator (RS) before each: secrets are read from them. The current ones and those saved before the run. Reads: directory, state_dir, followed_run, and
# what the engine knows, each of which may be empty: compose_directory, compose_files, compose_env_files.

base=${compose_directory:-$directory}

# place_of PATH: prints where a path of a Compose file is, below "root".
place_of() { case $1 in /*) printf '%s\n' "$root$1" ;; *) printf '%s\n' "$root$base/$1" ;; esac }

print_settings() {
	[ -f "$1" ] && [ -r "$1" ] || return 0
	printf '\036\n'
	head -c 65536 "$1"
	echo
}

# named_env_files: prints the files that a Compose file has under `env_file`: one, a list, or entries with a `path`.
named_env_files() {
	awk '
		function give(text) {
			sub(/[ \t]+#.*$/, "", text)
			gsub(/[]["\047{}]/, "", text)
			sub(/^[ \t]*(path:)?[ \t]*/, "", text)
			sub(/[ \t]+$/, "", text)
			if (text != "" && text !~ /^(required|format):/) print text
		}
		function give_all(text, parts, count, at) {
			count = split(text, parts, ",")
			for (at = 1; at <= count; at++) give(parts[at])
		}
		{ sub(/\r$/, "") }
		/^[ \t]*(#|$)/ { next }
		flow {
			if ($0 ~ /\]/) flow = 0
			sub(/\].*/, "")
			give_all($0)
			next
		}
		{ column = match($0, /[^ ]/) }
		match($0, /(^|[ \t{,])env_file:([ \t]|$)/) {
			rest = substr($0, RSTART + RLENGTH)
			sub(/^[ \t]+/, "", rest)
			block = rest ~ /^(#|$)/ ? column : 0
			if (block) next
			if (rest ~ /^\[/) {
				if (rest !~ /\]/) flow = 1
				sub(/\].*/, "", rest)
			} else {
				sub(/[,}].*/, "", rest)
			}
			give_all(rest)
			next
		}
		block {
			text = substr($0, column)
			item = text ~ /^-([ \t]|$)/
			if (column < block || (column == block && !item)) {
				block = 0
				next
			}
			sub(/^-[ \t]*/, "", text)
			if (item || text ~ /^path:/) give(text)
		}'
}

# print_compose_file FILE: prints it, the env files that it names, and the files of its secrets.
print_compose_file() {
	[ -f "$1" ] && [ -r "$1" ] || return 0
	printf '\036\n'
	# Items of a list, which may be quoted, become settings.
	head -c 65536 "$1" | sed -e 's/^ *- *"\(.*\)" *$/\1/' -e "s/^ *- *'\\(.*\\)' *\$/\\1/" -e 's/^ *- *//'
	echo
	head -c 65536 "$1" | named_env_files | while IFS= read -r path; do print_settings "$(place_of "$path")"; done
	# Only those of secrets: configs have a file, too.
	head -c 65536 "$1" | sed -n -e "s/[\"']//g" -e '/^secrets:/,/^[^ #]/s/^ .*file: *\([^#, }]*\).*/\1/p' | while IFS= read -r path || [ -n "$path" ]; do
		path=$(place_of "$path")
		[ -f "$path" ] && [ -r "$path" ] || continue
		printf "\036\nsecret='%s'\n" "$(head -c 4096 "$path" | tr -d '\000' | sed "s/'/\\\\'/g")"
	done
}

for root in '' "$state_dir/runs/$followed_run/restore/files"; do
	for file in "$root$directory"/.env "$root$directory"/.env.* "$root$directory"/*.env; do
		print_settings "$file"
	done
	printf '%s\n' "${compose_env_files:-}" | while IFS= read -r file; do [ -z "$file" ] || print_settings "$root$file"; done
	for file in "$root$directory"/*compose*.y*ml; do
		print_compose_file "$file"
	done
	printf '%s\n' "${compose_files:-}" | while IFS= read -r file; do
		# The others were just printed.
		case $file in '' | "$directory"/*compose*.y*ml) ;; *) print_compose_file "$root$file" ;; esac
	done
done
exit 0
