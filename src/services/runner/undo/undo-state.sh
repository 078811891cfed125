# shellcheck shell=sh
# Compares the state at the restore point with the current one. Changes nothing: used for the plan, and again under the lock. Needs
# git-as-owner.sh and paths-at-stake.sh, and the engine's part, which reads its containers. Reads, from the restore point: from_run,
# from_dir (its folder), from_commit, from_branch (empty: detached), from_changes (commit of the local changes, empty: none),
# from_containers (a line per container: service|number|running or stopped|image id|image name|config hash|name|with or without
# dependencies, see undo-services.sh). project, compose_files and the like are those of that time.

short() { printf '%s' "${1#sha256:}" | cut -c 1-12; }

# blob_now: prints the file's current content as git's object id; "none" when it does not exist.
blob_now() {
	if [ -L "$1" ]; then
		printf '%s' "$(readlink -- "$1")" | git hash-object --stdin
	elif [ -f "$1" ]; then
		git hash-object -- "$1"
	else
		echo none
	fi
}

# then_changes: prints the local changes of that time, a line each: "same", "gone" (now as committed) or "other", and the path from the top.
then_changes() {
	[ -n "$from_changes" ] || return 0
	(
		cd "$(git rev-parse --show-toplevel)" || exit
		git diff --name-only --no-renames -z "$from_commit" "$from_changes" -- | tr '\0' '\n' | while IFS= read -r path; do
			now=$(blob_now "$path")
			if [ "$now" = "$(git rev-parse -q --verify "$from_changes:$path" || echo none)" ]; then
				echo "same $path"
			elif [ "$now" = "$(git rev-parse -q --verify "$from_commit:$path" || echo none)" ] ||
				[ "$now" = "$(git rev-parse -q --verify "HEAD:$path" || echo none)" ]; then
				echo "gone $path"
			else
				echo "other $path"
			fi
		done
	)
}

# mode_then PATH: prints the noted mode and owner (1000:1000), or nothing.
mode_then() {
	[ -f "$from_dir/file-modes" ] || return 0
	while read -r mode owner name; do
		[ "$name" != "$1" ] || echo "$mode $owner"
	done <"$from_dir/file-modes" | tail -n 1
}

# is_as_kept PATH: succeeds if a kept file is unchanged: content, or where the link leads, and mode; the owner for root only.
is_as_kept() {
	kept_copy=$from_dir/files$1
	if [ -L "$kept_copy" ]; then
		[ -L "$1" ] && [ "$(readlink -- "$1")" = "$(readlink -- "$kept_copy")" ]
		return
	fi
	[ ! -L "$1" ] && cmp -s -- "$kept_copy" "$1" || return 1
	noted=$(mode_then "$1")
	[ -z "$noted" ] || [ "$noted" = "$(stat -c '%a %u:%g' -- "$1")" ] ||
		{ [ "$(id -u)" != 0 ] && [ "${noted%% *}" = "$(stat -c %a -- "$1")" ]; }
}

# files_that_differ: prints the paths of kept files and links that differ now.
files_that_differ() {
	[ -d "$from_dir/files" ] || return 0
	find "$from_dir/files" ! -type d | sort | while IFS= read -r kept; do
		is_as_kept "${kept#"$from_dir/files"}" || printf '%s\n' "${kept#"$from_dir/files"}"
	done
}

# folders_gone: prints kept folders, which were empty or in a file's place, that no longer exist.
folders_gone() {
	[ -f "$from_dir/file-modes" ] || return 0
	while read -r _ _ path; do
		[ -d "$from_dir/files$path" ] && [ ! -L "$from_dir/files$path" ] && [ ! -d "$path" ] && printf '%s\n' "$path"
	done <"$from_dir/file-modes"
	return 0
}

# files_since: prints the files that exist now and did not then.
files_since() {
	[ -f "$from_dir/files-absent" ] || return 0
	sort -u "$from_dir/files-absent" | while IFS= read -r path; do
		if [ -f "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi
	done
}

# submodules_that_differ: prints submodules at another commit: COMMIT PATH.
submodules_that_differ() {
	[ -s "$from_dir/submodules" ] || return 0
	top=$(git rev-parse --show-toplevel)
	while read -r head path; do
		[ "$(git -C "$top/$path" rev-parse HEAD 2>/dev/null)" = "$head" ] || printf '%s %s\n' "$head" "$path"
	done <"$from_dir/submodules"
}
