# shellcheck shell=sh
# keep_files keeps what Compose reads: env files, Compose files, and files that those name (env_file, secrets, configs,
# include, extends). Needs git-as-owner.sh, deployment.sh, keep-path.sh and keep-files.sh. Reads: directory, restore_dir.

# named_files: prints the files that a Compose file or Compose's model names under one of these keys, absolute.
named_files() {
	sed -n 's/^[[:space:]]*\(- \)\{0,1\}["'\'']\{0,1\}\(file\|path\|env_file\|include\|extends\)["'\'']\{0,1\}:[[:space:]]*//p
		s/^[[:space:]]*- \([^:{}[:space:]]*\)$/\1/p' | tr -d '"'\''[]{}' | tr ',' '\n' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; s/^\(file\|path\): *//' |
		while IFS= read -r name; do
			case $name in
				'' | *:*) continue ;;
				/*) ;;
				*) name=$1/$name ;;
			esac
			[ -f "$name" ] && printf '%s\n' "$name"
		done
}

# compose_file_list: prints Compose's default files, those of the deployment, and those that the containers were created with.
compose_file_list() {
	for file in "$directory"/.env "$directory"/.env.* "$directory"/compose*.yaml "$directory"/compose*.yml \
		"$directory"/docker-compose*.yaml "$directory"/docker-compose*.yml "${compose_directory:-$directory}/.env"; do
		printf '%s\n' "$file"
	done
	printf '%s\n' "${compose_files:-}" "${compose_env_files:-}"
	# shellcheck disable=SC2046 # ids have no blanks
	engine inspect --format '{{index .Config.Labels "com.docker.compose.project.config_files"}},{{index .Config.Labels "com.docker.compose.project.environment_file"}}' \
		$(containers_of -a 2>/dev/null) 2>/dev/null | tr ',' '\n' | sort -u
}

keep_files() {
	compose_file_list | awk '/^\// && !seen[$0]++' >"$restore_dir/compose-files"
	while IFS= read -r file; do
		keep_file "$file"
	done <"$restore_dir/compose-files"
	{
		while IFS= read -r file; do
			case $file in *.yml | *.yaml) [ ! -f "$file" ] || named_files "${file%/*}" <"$file" ;; esac
		done <"$restore_dir/compose-files"
		compose config 2>/dev/null </dev/null | named_files /
		compose config --no-interpolate --no-normalize 2>/dev/null </dev/null | named_files /
	} | sort -u >"$restore_dir/named-files"
	while IFS= read -r file; do
		# A file that git has in the same version needs no copy.
		git diff --quiet HEAD -- "$file" 2>/dev/null && git ls-files --error-unmatch -- "$file" >/dev/null 2>&1 || keep_file "$file"
	done <"$restore_dir/named-files"
	# Note that these are missing, so that an undo removes one made meanwhile, which Compose would read by default.
	for file in "$directory/.env" "$directory/compose.override.yaml" "$directory/compose.override.yml" \
		"$directory/docker-compose.override.yaml" "$directory/docker-compose.override.yml"; do
		[ -e "$file" ] || [ -L "$file" ] || was_absent "$file"
	done
}
