# shellcheck shell=sh disable=SC2034 # identity.sh says what is set here
# The part of identity.sh that finds the Compose files and env files. Needs its functions and found-files.sh; sets compose_files, files_from,
# compose_finds_files, compose_env_files and compose_command.

# all_exist LIST: succeeds if every file of the list is there.
all_exist() {
	printf '%s\n' "$1" | while IFS= read -r one; do
		[ -z "$one" ] || [ -e "$one" ] || exit 1
	done
}

# find_files: if the containers carry several lists of Compose files, the one that includes all others. Where one of the lists is what Compose
# finds now, those that name a file that is gone are of another commit.
find_files() {
	given=$(absolute_all "$config_compose_files")
	widest='' by_default=''
	found=$(found_files "$compose_directory" | while IFS= read -r one; do directory=$compose_directory absolute "$one"; done)
	mine | cut -f 3 | sort -u | sed '/^$/d' >"$scratch/carried"
	while IFS= read -r list; do
		[ "$(absolute_all "$(printf '%s' "$list" | tr ',' '\n')")" != "$found" ] || by_default=1
	done <"$scratch/carried"
	while IFS= read -r list; do
		list=$(absolute_all "$(printf '%s' "$list" | tr ',' '\n')")
		[ -z "$by_default" ] || all_exist "$list" || continue
		if [ -z "$widest" ] || contains "$list" "$widest"; then
			widest=$list
		elif ! contains "$widest" "$list"; then
			[ -n "$given" ] || conflict "containers of $project were made with different Compose files, $(in_words "$widest") and $(in_words "$list"): set compose.files of this target in the config"
		fi
	done <"$scratch/carried"
	compose_finds_files=
	if [ -n "$given" ]; then
		compose_files=$given files_from=config
		if [ -n "$widest" ] && ! contains "$given" "$widest"; then
			conflict "the config says that the Compose files are $(in_words "$given"), but containers of $project were made with $(in_words "$widest")"
		fi
	elif [ -n "$widest" ]; then
		compose_files=$widest files_from=containers
		[ "$widest" != "$found" ] || compose_finds_files=1
	else
		compose_files='' files_from=compose
	fi
	[ "$folder" = present ] || return 0
	printf '%s\n' "$compose_files" >"$scratch/lists"
	while IFS= read -r file; do
		[ -z "$file" ] || [ -e "$file" ] || conflict "the Compose file $file is not there any more, and containers of $project were made with it"
	done <"$scratch/lists"
}

# A single env file that is gone was temporary: a program that fetches secrets made it, and only that program can make it again.
find_env_files() {
	given=$(absolute_all "$config_compose_env_files")
	carried=$(absolute_all "$(mine | cut -f 4 | tr ',' '\n' | sed '/^$/d' | awk '!seen[$0]++')")
	compose_command=$config_compose_command
	if [ -n "$compose_command" ]; then
		compose_command=$(absolute "$compose_command")
		[ -x "$compose_command" ] || conflict "compose.command of this target, $compose_command, does not exist or is not a program"
		compose_env_files=$given compose_finds_files=
		return
	fi
	if [ -n "$given" ]; then
		compose_env_files=$given
	else
		compose_env_files=$carried
	fi
	[ "$folder" = present ] || return 0
	printf '%s\n' "$compose_env_files" >"$scratch/lists"
	while IFS= read -r file; do
		[ -n "$file" ] || continue
		if [ ! -e "$file" ]; then
			conflict "containers of $project were made with the env file $file, which is not there any more: if a program makes it, name that program in compose.command of this target$(own_command)"
		elif [ ! -r "$file" ]; then
			conflict "the env file $file cannot be read by $(id -un)"
		fi
	done <"$scratch/lists"
	# By default Compose reads .env; named with a flag it is the same file.
	[ "$compose_env_files" != "$compose_directory/.env" ] || compose_env_files=
	# Another env file, or a program, may name other files.
	[ -z "$compose_env_files" ] || compose_finds_files=
}

# own_command: finds programs in the folder that call Compose, as a hint: those that make an env file or fetch secrets first.
own_command() {
	best=$(
		for file in "$directory"/* "$directory"/bin/* "$directory"/scripts/*; do
			[ -f "$file" ] && [ -x "$file" ] && [ -r "$file" ] || continue
			[ "$(stat -L -c %s -- "$file")" -lt 65536 ] || continue
			grep -q 'docker[ -]compose' "$file" 2>/dev/null || continue
			if grep -qE -e '--env-file|COMPOSE_ENV_FILES|mktemp|(op|doppler|infisical|chamber|sops|vault|aws|gcloud|bws|pass) ' "$file" 2>/dev/null; then
				printf '1 %s\n' "$file"
			else
				printf '2 %s\n' "$file"
			fi
		done | sort -n | head -n 1
	)
	[ -n "$best" ] || return 0
	printf '. %s calls Compose and may be that program' "${best#? }"
	{
		printf 'own_command\t%s\n' "${best#? "$directory"/}"
		# shellcheck disable=SC2016 # as it stands in the program
		if grep -qE 'docker[ -]compose.*"?\$[@*]' "${best#? }"; then printf 'passes_on\tyes\n'; fi
	} >"$scratch/own"
}
