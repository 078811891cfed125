# shellcheck shell=sh
# The submodules of a commit, as far as they are checked out here, also those inside of others. One that is not is no part of what is deployed.
# Needs git-as-owner's `git`. Changes nothing.

# submodules_of TOP COMMIT: prints COMMIT PATH of each, the path from TOP, before those inside of it.
submodules_of() (
	git -C "$1" ls-tree -r -z "$2" 2>/dev/null | tr '\n\0' '\1\n' | sed -n 's/^160000 commit \([0-9a-f]*\)	/\1 /p' | while read -r commit path; do
		[ -e "$1/$path/.git" ] || continue
		printf '%s %s\n' "$commit" "${3:-}$path"
		submodules_of "$1/$path" "$commit" "${3:-}$path/" </dev/null
	done
)

# changes_in_submodules COMMIT: prints `changed PATH` of each file in them that is not as committed there, the path from the top; and `stops PATH` of
# those that going to the commit would overwrite, also of files that git ignores or was told to overlook: no restore point has these.
changes_in_submodules() (
	cd -- "$(git rev-parse --show-toplevel)" || exit
	submodules_of "$PWD" "$1" | while read -r commit path; do
		(
			cd -- "$path" || exit
			git diff --name-only --no-renames --ignore-submodules=dirty HEAD -- | sed 's/^/changed /'
			git ls-files --others --exclude-standard | sed 's/^/changed /'
			git ls-files --others --ignored --exclude-standard | sed 's/^/other /'
			git ls-files -v | sed -n 's/^[a-zS] //p' | while IFS= read -r one; do
				[ ! -f "$one" ] || [ "$(git hash-object -- "$one")" = "$(git rev-parse -q --verify "HEAD:$one")" ] || printf 'other %s\n' "$one"
			done
			git diff --name-only --no-renames --ignore-submodules=dirty HEAD "$commit" -- 2>/dev/null | sed 's/^/moves /'
		) </dev/null | within=$path/ awk '
			{ kind = $1; sub(/^[a-z]* /, "") }
			kind == "changed" { print "changed " ENVIRON["within"] $0 }
			kind == "moves" && $0 in here { print "stops " ENVIRON["within"] $0 }
			{ here[$0] }'
	done
)
