# shellcheck shell=sh
# Which files Compose finds by itself, where nobody names them with -f. Another commit may have others.

# from_dot_env NAME [FILE]: prints a variable of the .env in the current folder, or of another such file, as far as it needs no interpolation.
from_dot_env() {
	[ -f "${2:-.env}" ] && [ -r "${2:-.env}" ] || return 0
	sed -n "s/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}$1[[:space:]]*=[[:space:]]*//p" "${2:-.env}" | tail -n 1 | tr -d '\r' |
		sed "s/^'\([^']*\)'.*/\1/; t
			s/^\"\([^\"]*\)\".*/\1/; t
			s/[[:space:]]\{1,\}#.*//; s/[[:space:]]*\$//"
}

# found_files FOLDER: prints the Compose files that Compose finds there, relative to it, one a line: those that .env names, or the first of the
# usual names with the first of the usual overrides (compose-go, cli/options.go: DefaultFileNames, DefaultOverrideFileNames). Nothing
# where that cannot be said.
found_files() (
	cd -- "$1" 2>/dev/null || exit 0
	named=$(from_dot_env COMPOSE_FILE)
	case $named in *'$'*) exit 0 ;; esac
	if [ -n "$named" ]; then
		separator=$(from_dot_env COMPOSE_PATH_SEPARATOR)
		printf '%s\n' "$named" | awk -v separator="${separator:-:}" '
			{ rest = $0; while ((at = index(rest, separator)) > 0) { print substr(rest, 1, at - 1); rest = substr(rest, at + length(separator)) } print rest }' |
			sed 's|^\./||; /^$/d'
		exit
	fi
	for names in 'compose.yaml compose.yml docker-compose.yml docker-compose.yaml' \
		'compose.override.yml compose.override.yaml docker-compose.override.yml docker-compose.override.yaml'; do
		for name in $names; do
			[ -e "$name" ] || continue
			printf '%s\n' "$name"
			break
		done
	done
)
