# shellcheck shell=sh
# keep_file keeps one file. keep_at_stake keeps what the plan would overwrite or remove and git does not keep; it fails when there is not
# enough space, or one of these cannot be read. keep_extra copies the paths that the runbook names in `keeps`. Needs git-as-owner.sh,
# keep-path.sh, paths-at-stake.sh. Reads: directory, restore_dir, run_dir, from_dir, keep_paths (relative to directory, one per line).

# A link is kept as it is, and so is the file that it leads to.
keep_file() {
	[ -e "$1" ] || [ -L "$1" ] || return 0
	[ ! -e "$restore_dir/files$1" ] && [ ! -L "$restore_dir/files$1" ] || return 0
	if keep_path "$1"; then keep "$1"; else miss "$1"; fi
	[ ! -L "$1" ] || ! real_file=$(readlink -f -- "$1") || [ ! -f "$real_file" ] || keep_file "$real_file"
}

# plan_commits and the like: print the commits among the plan's values, and the files that its steps install.
plan_commits() { sed -n "s/^[A-Za-z_]*='\([0-9a-f]\{40,64\}\)'\$/\1/p" "$run_dir/environment" | sort -u; }
plan_files() { sed -n "s/^[A-Za-z_]*='file:[0-9a-f]*:\(.*\)'\$/\1/p" "$run_dir/environment"; }

# at_stake: prints whatever the plan would overwrite or remove, one absolute path per line.
at_stake() {
	if top=$(git rev-parse --show-toplevel 2>/dev/null); then
		for commit_there in $(plan_commits); do
			git cat-file -e "$commit_there^{commit}" 2>/dev/null || continue
			[ "$(git cat-file -t "$commit_there")" = commit ] || continue
			paths_overwritten_by "$commit_there" | sed "s|^|$top/|"
		done
	fi
	plan_files | sed "s|^|$directory/|"
	# An undo writes the first, and removes the second.
	if [ -n "${from_dir:-}" ]; then
		[ ! -d "$from_dir/files" ] || find "$from_dir/files" ! -type d | sed "s|^$from_dir/files||"
		cat "$from_dir/files-absent" 2>/dev/null
	fi
}

kib_of() { tr '\n' '\000' | xargs -0 stat -c %s -- 2>/dev/null | awk '{ bytes += $1 } END { print int(bytes / 1024) }'; }

# enough_room KIB: succeeds if so much can be copied to the restore point, and some space is left.
enough_room() {
	free=$(df -Pk -- "$restore_dir" | awk 'NR == 2 { print $4 }')
	[ -z "$free" ] || [ "$(($1 + 10240))" -lt "$free" ] || {
		echo "not enough space to save the restore point: it needs $1 KiB, and $free KiB are free for $restore_dir"
		return 1
	}
}

keep_at_stake() {
	at_stake | sort -u >"$restore_dir/at-stake"
	enough_room "$(kib_of <"$restore_dir/at-stake")" || return
	while IFS= read -r path; do
		path=$(printf '%sx' "$path" | tr '\001' '\n')
		path=${path%x}
		if [ -e "${path%/}" ] || [ -L "${path%/}" ]; then must_keep_path "${path%/}"; else was_absent "$path"; fi
	done <"$restore_dir/at-stake"
	[ "$lost" = 0 ]
}

# keep_extra: copies data that containers write; never restored automatically, since later writes are newer.
keep_extra() {
	[ -n "${keep_paths:-}" ] || return 0
	printf '%s\n' "$keep_paths" | sed '/^$/d' >"$restore_dir/keep-paths"
	enough_room "$(while IFS= read -r path; do du -sk -- "$directory/$path" 2>/dev/null; done <"$restore_dir/keep-paths" | awk '{ kib += $1 } END { print kib + 0 }')" || return
	while IFS= read -r path; do
		if [ ! -e "$directory/$path" ]; then
			echo "$path does not exist: nothing to save"
			continue
		fi
		mkdir -p -- "$restore_dir/data/$path" && rmdir -- "$restore_dir/data/$path"
		if cp -a --reflink=auto -- "$directory/$path" "$restore_dir/data/$path" 2>/dev/null || cp -a -- "$directory/$path" "$restore_dir/data/$path"; then
			# The copies belong to the owner of the state folder, like the rest of the run.
			find "$directory/$path" -exec stat -c '%a %u:%g %n' {} + >>"$restore_dir/data-modes" 2>/dev/null
			keep "$path, as $restore_dir/data/$path"
		else
			miss "$path, which the runbook wants kept"
			lost=$((lost + 1))
		fi
	done <"$restore_dir/keep-paths"
	[ "$lost" = 0 ]
}
