# shellcheck shell=sh
# A file that is put back: `env:/absolute/file` takes the place of .env (or of the one env file in use), and
# `file:COMMIT:path` the place of that path in the deployment's folder.

# config_source: prints the content of $source.
config_source() {
	case $source in
		env:*) cat -- "${source#env:}" ;;
		file:*)
			rest=${source#file:}
			case ${rest%%:*} in '' | *[!0-9a-f]*)
				echo "not a commit: ${rest%%:*}" >&2
				return 1
				;;
			esac
			git --no-pager show "${rest%%:*}:./${rest#*:}" </dev/null
			;;
		*)
			echo "not a source: $source" >&2
			return 1
			;;
	esac
}

# env_file_in_use: prints the path of the env file in use, relative to the deployment's folder: the one that Compose is given, if there is
# one and it is in this folder; else .env.
env_file_in_use() {
	case ${compose_env_files:-} in
		*'
'*) echo .env ;;
		"$directory"/*) printf '%s\n' "${compose_env_files#"$directory"/}" ;;
		*) echo .env ;;
	esac
}

# config_target: prints the path of the file that is replaced, relative to the deployment's folder; fails for one outside.
config_target() {
	case $source in env:*) target=$(env_file_in_use) ;; *) target=${source#file:*:} ;; esac
	case /$target/ in */../* | //*)
		printf 'not a path in %s: %s\n' "$directory" "$target" >&2
		return 1
		;;
	esac
	printf '%s\n' "$target"
}
