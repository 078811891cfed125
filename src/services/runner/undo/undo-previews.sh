# shellcheck shell=sh
# Prints the previews of an undo's plan. Diffs of files still contain secrets: code that shows them masks them. Needs undo-state.sh and
# undo-differences.sh.

show_differences() {
	found=$(differences) || {
		printf '%s\n' "$found"
		exit 1
	}
	[ -n "$found" ] && printf '%s\n' "$found" || echo 'no saved file'
	[ ! -s "$from_dir/keep-paths" ] || sed "s|^|kept, and not put back by this: |; s|\$|, as it was then, in $from_dir/data|" "$from_dir/keep-paths"
}

show_commits() {
	[ "$(git rev-parse HEAD)" != "$from_commit" ] || {
		echo 'none'
		exit 0
	}
	git --no-pager log --no-color -n 20 --format='taken back: %h %s (%cr, %an)' "$from_commit..HEAD" --
	git --no-pager log --no-color -n 20 --format='comes back: %h %s (%cr, %an)' "HEAD..$from_commit" --
}

show_files() {
	files_that_differ | while IFS= read -r path; do
		if [ ! -f "$path" ]; then
			echo "$path does not exist now"
		elif [ ! -L "$path" ] && [ ! -L "$from_dir/files$path" ] && cmp -s -- "$path" "$from_dir/files$path"; then
			echo "$path: mode and owner are $(stat -c '%a %u:%g' -- "$path"), then $(mode_then "$path")"
		else
			echo "overwritten, after the current file was saved: $path, of $(date -r "$path" '+%Y-%m-%d %H:%M:%S %z')"
		fi
		diff -u -L "now $path" -L "then $path" "$path" "$from_dir/files$path" 2>/dev/null | head -n 200
	done
	files_since | sed 's/^/taken away, after it was kept: /'
	if [ -n "$from_commit" ] && [ "$(git rev-parse HEAD)" != "$from_commit" ]; then
		paths_overwritten_by "$from_commit" | sed 's/^/not in git; saved, then overwritten: /'
	fi
	[ -n "$(
		files_that_differ
		files_since
	)" ] || echo 'no other'
}
